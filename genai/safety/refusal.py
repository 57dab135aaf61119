"""The error for refused content: the same message whatever the rule, which must not be revealed."""

from genai.errors import ContentRefused
from genai.safety.base import Verdict

REFUSAL = "This cannot be answered, because a safety check objected."


def refusal(verdict: Verdict) -> ContentRefused:
    """The error for a verdict that blocks; the rule is for logs and metrics."""
    return ContentRefused(REFUSAL, verdict.rule)
