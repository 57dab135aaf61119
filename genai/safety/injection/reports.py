"""Honest reports of received messages, which quote orders without giving them."""

import re

_REPORTED = re.compile(
    r"\b(?:phishing|scam|spam|fake|suspicious|strange|weird|odd|(?:got|received|have) an?)\b"
    r"[^.!?\n'\"\u201c\u2018]{0,60}\b(?:e-?mail|mail|text|sms|message|letter|call)\b"
    r"[^.!?\n'\"\u201c\u2018]{0,60}"
    r"(?P<quote>[\"'\u201c\u2018][^\"\u201c\u201d\u2018\x02]{1,200}[\"'\u201d\u2019])[,.;]?\s{0,2}"
    r"(?:-\s?)?(?:is (?:it|this|that)|was (?:it|this|that)) (?:really |a |an |from )?"
    r"(?:real|genuine|legit(?:imate)?|true|safe|scam|fraud|fake|phishing|you|dangerous)"
    r"\s?\?\s*(?=\x02|\Z)",
    re.IGNORECASE,
)
"""After the quote, the text may only ask whether the message is genuine."""


def without_reports(text: str) -> str:
    """The text with the reported message replaced by blanks, at the same length."""
    if "?" not in text:
        return text
    return _REPORTED.sub(_blanked, text)


def _blanked(match: re.Match[str]) -> str:
    start, end = (at - match.start() for at in match.span("quote"))
    return match[0][:start] + " " * (end - start) + match[0][end:]
