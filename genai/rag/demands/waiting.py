"""Whether a question asks how long something takes, and whether a sentence says so.

*How long does a dispute take?* is not answered by *open a dispute within 120 days*: that is a deadline of the
asker, and *valid for 90 days* is how long something lasts.
"""

import re

_ASKED = re.compile(
    r"\bhow (?:long|soon|quick\w*|fast)\b"
    r"(?:(?!\b(?:i|we) (?:have|must|need|can|may)\b|\b(?:may|can|must|should) (?:i|we)\b)[^?.;]){0,90}?"
    r"\b(?:takes?|taking|took)\b",
    re.IGNORECASE,
)
_UNIT = r"(?:second|minute|hour|day|week|month|year)s?"
_TIME = re.compile(
    rf"\b(?:\d[\d,.]*|one|two|three|four|five|half an?)(?:[ -]\w+)?[ -]{_UNIT}\b"
    rf"|\b(?:same|next|first|last) (?:\w+ )?{_UNIT}\b|\b\d+(?:st|nd|rd|th)\b"
    r"|\b(?:immediate(?:ly)?|instant(?:ly)?|at once|straight away|right away)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;]\s|\n")
_TAKES = re.compile(
    r"\b(?:takes?|arrives?|comes?|reach(?:es)?|ready|decided|answers?|answered|immediate|immediately"
    r"|at once|instant|instantly|usually|usual)\b",
    re.IGNORECASE,
)
_OPENS = (
    r"(?!(?:after|before|in|on|at|for|with|from|to|by|when|while|as|since|until|during|of|within|all|most"
    r"|both|and|but|or|that|not|only|without|over|under|above|below|is|was)\b)"
)
_DEADLINE = re.compile(
    rf"^{_OPENS}[a-z]+ (?:(?:an?|the|your|us|it|them|back|new)\b.*)?\bwithin\b|^if\b", re.IGNORECASE
)
"""What the asker has to do in time: *tell us within 30 days*."""

_CONDITION = re.compile(
    r"\bif (?:you|it)\b|\byou (?:can|may|must|have|should)\b|\b(?:can|may|must) be\b|\bmay\b|\bremind",
    re.IGNORECASE,
)

_LASTS = re.compile(
    rf"\bvalid\b|\blatest date\b|\bdeadline\b|\bby itself\b|\bexpires?\b|\bnotice\b|\bkept\b"
    rf"|\bfor (?:up to |at (?:least|most) )?\d[\d,.]* {_UNIT}"
    r"|\bat most \d|\bold(?:er)?\b|\blonger than\b",
    re.IGNORECASE,
)


def asks_how_long(question: str) -> bool:
    """Whether it asks how long something takes; not how long one may do it, or how long it lasts."""
    return _ASKED.search(question) is not None


def tells_how_long(text: str) -> bool:
    """Whether it says how long something takes."""
    return any(_tells(clause.strip()) for clause in _CLAUSE_END.split(text))


def _tells(clause: str) -> bool:
    if not _TIME.search(clause) or _DEADLINE.search(clause):
        return False
    otherwise = _CONDITION.search(clause) or _LASTS.search(clause)
    return not otherwise or _TAKES.search(clause) is not None
