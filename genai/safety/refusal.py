"""The error for refused content. The message is the same for all rules, because it must not reveal them."""

from genai.errors import ContentRefused
from genai.safety.base import Verdict

REFUSAL = "This cannot be answered, because a safety check objected."


def refusal(verdict: Verdict) -> ContentRefused:
    """The error for a verdict that blocks; the rule is for logs and metrics."""
    return ContentRefused(REFUSAL, verdict.rule)
