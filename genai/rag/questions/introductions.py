"""Leaves out clauses in which askers only introduce themselves.

*My email is ada@example.com. What is a Plus account?* asks the same as its second sentence. No document
speaks of the asker, so the first one would count as an unmet demand. A clause that tells what happened (*my
card was stolen*), or what the asker is (*I am a student*), stays: it may change the answer.
"""

import re
from collections.abc import Iterator

from genai.language.followup import Dependence, dependence
from genai.language.impersonal import PERSONAL_DATA, impersonal
from genai.language.openings import asks, without_lead
from genai.language.words import content_words

_FEW = 3
"""An introduction has at most this many content words besides the data: *my date of birth is ...*"""

_ENDS = re.compile(
    r"(?<=[.?!,;])\s+|\s+[\u2013-]\s+"
    r"|\s+(?:and|but|so)\s+(?=(?:i|we|what|which|how|who|when|where|why|is|are|do|does|can|may|must)\b)",
    re.IGNORECASE,
)

_LONG = 1000
"""Longer texts (in characters) are stories, of which nothing is left out."""

_HANGS = re.compile(
    r"(?:\b(?:is|are|am|at|on|under|via)|['\u2019][ms]|:|^)[\s(\"']*$", re.IGNORECASE
)
"""The end of a clause that only personal data completes."""

_POINTS_BACK = re.compile(r"\W*(?:is|was|does|will|would|can)\s+th(?:is|at)\b", re.IGNORECASE)

_NAMES = r"(?-i:[A-Z])[\w'\u2019-]+(?:\s+(?-i:[A-Z])[\w'\u2019-]+){0,2}"
_PRESENTS = re.compile(
    rf"\W*(?:(?:i|we|this|it)(?:\s+am|\s+are|\s+is|['\u2019][ms]|['\u2019]re)\s+)?{_NAMES}\W*",
    re.IGNORECASE,
)
"""*I am Ada Lovelace*, before personal data. Without them, *I am German* would look the same."""

_INTRODUCES = re.compile(
    rf"\W*(?:my\s+name(?:\s+is|['\u2019]s)\s+{_NAMES}"
    r"|(?:i|we)(?:\s+am|\s+are|['\u2019]m|['\u2019]re|\s+have\s+been|['\u2019]ve\s+been)\s+"
    r"(?:(?:an?\s+|your\s+)?(?:(?:loyal|happy|regular|faithful|long[\s-]?(?:standing|time|term))\s+)?"
    r"(?:customers?|clients?)(?:\s+(?:of|with|at)\s+\w+(?:\s+bank)?)?|with\s+\w+(?:\s+bank)?)"
    r"(?:\s+(?:since|for)\s+[\w\s-]{1,30})?"
    rf"|(?:hi|hello|hey|dear|good\s+(?:morning|day|afternoon|evening)|greetings)"
    rf"(?:\s+{_NAMES})?(?:\s+(?:there|all|team))?)\W*",
    re.IGNORECASE,
)


def without_introductions(text: str) -> str:
    """The text without such clauses; unchanged if the rest says nothing or may refer to them."""
    if len(text) > _LONG:
        return text
    clauses = [clause for clause in _ENDS.split(text) if clause.strip()]
    kept = " ".join(_kept(clauses))
    bare = impersonal(kept)
    leans = dependence(bare) is Dependence.SURELY or _POINTS_BACK.match(bare)
    told = content_words(bare) and kept != " ".join(clauses)
    return kept if told and not leans else text


def _kept(clauses: list[str]) -> Iterator[str]:
    return (clause for clause in clauses if not _introduces(clause))


def _introduces(clause: str) -> bool:
    if asks(without_lead(clause)[0]):
        return False
    return bool(_INTRODUCES.fullmatch(clause)) or _gives_data(clause)


def _gives_data(clause: str) -> bool:
    told, *rest = PERSONAL_DATA.split(clause)
    if not rest or content_words(" ".join(rest)) or len(content_words(told)) > _FEW:
        return False
    return any(
        (_HANGS.search(told), _INTRODUCES.fullmatch(told), _PRESENTS.fullmatch(told)),
    )
