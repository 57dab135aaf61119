"""Classifies how clauses begin: as questions, orders, lead-ins to a question, or statements.

Words alone decide, in time linear in the length of the text.
"""

import re
from typing import Literal

from genai.language.orders_back import may_order
from genai.language.words import content_words

Opening = Literal["strict", "loose"]
"""A loose one may also continue the clause before it: *the fees and the limits of ...*"""

_WH = r"(?:what|which|how|who|whom|whose|when|where|why)"
_AUX = r"(?:do|does|did|is|are|was|were|can|could|may|must|should|will|would|has|have|had|am|shall|might)"
_SUBJECT = (
    r"(?:i|you|we|they|he|she|it|there|one|the|an?|my|your|our|his|her|its|their|any|this|that|these"
    r"|those|all|some|every|each|customers|people)"
)
_ASKING = (
    r"(?:tell\s+(?:me|us)|explain|show|list|count|give\s+(?:me|us)|find|describe|compare"
    r"|let\s+(?:me|us)\s+know)"
)
_BEFORE = r"(?:(?:by|in|at|on|to|for|until|till|from|with|under|after|since|up\s+to)\s+)?"

_QUESTION = re.compile(
    rf"^{_BEFORE}(?:{_WH}|{_AUX}|{_ASKING})\b(?!['\u2019](?!s\b))", re.IGNORECASE
)
_ANOTHER = re.compile(rf"^{_BEFORE}(?:{_WH}\b|{_AUX}\s+{_SUBJECT}\b|{_ASKING}\b)", re.IGNORECASE)
"""Within a text, an auxiliary begins a question only before a subject: *and is used* does not."""

_CONDITION = re.compile(
    r"^(?:ha(?:s|ve|d)\s+(?:an?|any|some|one|no)\b(?!(?:\s+(?!that\b|wh)[\w-]+){1,5}?\s+been\b)"
    r"|ha(?:s|ve|d)\s+(?:the|my|your|our|his|her|its|their|this|that|these|those|all|every|each)\b"
    r"(?!(?:\s+(?!that\b|wh)[\w-]+){1,5}?\s+(?:been|gone|\w{2,}(?:[^e]ed|en|wn|nt|ght))\b)"
    r"|(?:are|were)\s+an?\b|(?:is|are|was|were)\s+one\s+of\b)",
    re.IGNORECASE,
)
"""A second condition on the same subject: *and have a loan*. A question has a subject and a participle."""

_WHETHER = re.compile(r"^(?:whether|if)\s+\w", re.IGNORECASE)

_YES_OR_NO = re.compile(
    r"\W*(?:(?:and|but|so|then|also)\b\W*)*"
    r"(?!(?:can|will|would) (?:you|u) (?:please )?(?:find|tell|show|give|work out|say|look"
    r"|count|list|check|name)\b)"
    r"(?:is|are|am|do|does|can|may|must|will|would|has|have)\b",
    re.IGNORECASE,
)

_POLITE = r"(?:hi|hello|hey|please|kindly|so|ok|okay|well|also|then|now|and|but)[,!.]?\s+"
_LEADS = (
    r"(?:i|we)(?:['\u2019]d|\s+would|\s+just)?\s+(?:like|love|want|need|wish|have)\s+to\s+"
    r"(?:know|learn|see|ask|understand|find\s+out)(?:\s+about)?"
    r"|(?:i|we)(?:['\u2019]d|\s+would)\s+(?:like|love)(?=\s+(?:the|our|your|its)\b)"
    r"|(?:i|we)\s+(?:want|need)(?=\s+(?:the|our|your|its)\s+\w+\s+(?:of|for)\b)"
    r"|i(?:['\u2019]m|\s+am|\s+was)?\s+(?:just\s+)?wonder(?:ing)?"
    r"|i(?:['\u2019]m|\s+am)\s+(?:curious|interested\s+in)"
    r"|(?:can|could|would|will)\s+(?:you|someone|anybody|anyone)\s+(?:please\s+|kindly\s+|also\s+)*"
    r"(?:tell|show|give|explain|say)(?:\s+to)?(?:\s+(?:me|us))?"
    r"|(?:tell|give|show|remind)\s+(?:me|us)(?:\s+about)?|explain(?:\s+to\s+(?:me|us))?"
    r"|say(?=\s+(?:what|which|how|who|when|where|why|whether)\b)"
    r"|let\s+(?:me|us)\s+know|do\s+you\s+know|any\s+idea"
)
_LEAD = re.compile(rf"^(?:{_POLITE}){{0,4}}(?:{_LEADS})\b[,:]?\s+(?=\w)", re.IGNORECASE)
_GREETING = re.compile(rf"^(?:{_POLITE}){{1,4}}(?=\w)", re.IGNORECASE)

_SUBORDINATE = re.compile(
    r"^(?:\w+\s+)?(?P<word>who|whom|whose|where|when|what|which|how)\b", re.IGNORECASE
)
_RELATIVES = frozenset({"who", "whom", "whose"})
_INVERTED = re.compile(
    rf"^{_BEFORE}(?:(?:where|when|why)\s+{_AUX}\s+{_SUBJECT}\b"
    rf"|(?:what|which|how)(?:['\u2019]s|(?:\s+[\w-]+){{0,4}}?\s+{_AUX}\b))",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"^(?:in\s+|of\s+|for\s+|to\s+)?(?:who|whom|whose|which|where)\b", re.I)
_WHILE = re.compile(
    rf"^(?:when|where|whenever|if|while|since|because|after|before|as)\s+{_SUBJECT}\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"^(?:i|we|you|he|she|it|they|my|our|your|his|her|its|their|the|an?|this|that|these|those|there"
    r"|if|when|since|because|after|before|while|as|in|on|at|for|with|from|or|than|hi|hello|hey|please"
    r"|\d\S*)\b",
    re.IGNORECASE,
)
_DESCRIBED = (
    r"(?:the|our|your|my|an?|total|average|overall|number|count)\s+(?:[\w-]+\s+){0,4}?"
    r"(?:of|for|on|to|in|per|with|at)\s+\w"
)
_COUNTS = re.compile(
    r"^(?:(?:what(?:['\u2019]s|\s+(?:is|are))\s+)?(?:(?:the|our|your)\s+)?(?:overall\s+)?"
    r"(?:total|average|number|sum|count)\b|how\s+(?:many|much)\b)",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:those|these|them|they|their|it|its|such|each|per|every|same|there|which|who|"
    r"that\s+(?!the\b|is\b|are\b|was\b)\w+)\b",
    re.IGNORECASE,
)
_THING = re.compile(rf"^{_DESCRIBED}", re.IGNORECASE)
_ITS = re.compile(r"^(?:its|their)(?:\s+[\w-]+){1,3}[?.!\s]*$", re.IGNORECASE)
_ASKS_FOR = re.compile(
    rf"^(?:(?:what|which)(?:['\u2019]s|\s+(?:is|are|was|were))|show|list|count|find)\s+"
    rf"(?:{_DESCRIBED}|\w)",
    re.IGNORECASE,
)
_SIGN = r"[-+\u2212]?"
_AFTER_NUMBER = (
    r"(?:and|because|for|please|now|it|immediately|urgently|at\s+once|right|today|asap|since)"
)
_HEADING = tuple(":-\u2013\u2014")
_ORDER = re.compile(
    r"^(?!some(?:one|body)\b)(?P<verb>[a-z]+)\s+(?:(?:(?:the|my|this|our|his|her)\s+)?[a-z]+\s+"
    rf"(?:(?:number|no\.?|id)\s+)?#?{_SIGN}(?!(?:19|20)\d\d\b)\d+(?=\s*(?:[,;.!?]|$|{_AFTER_NUMBER}\b))"
    rf"|(?:[a-z#.]+\s+){{2,6}}?#?{_SIGN}(?:\d{{5,}}|\d{{1,3}}(?:,\d{{3}})+)\b)",
    re.IGNORECASE,
)
"""The object has a number, as in *block card 7*; after more words a long one, which is no amount."""


def without_lead(text: str) -> tuple[str, bool]:
    """The text without its lead-in or greeting, and whether it had a lead-in: *I'd like to know ...*"""
    if found := _LEAD.match(text):
        return text[found.end() :], True
    found = _GREETING.match(text)
    return (text[found.end() :], False) if found else (text, False)


def asks(text: str) -> bool:
    return bool(_QUESTION.match(text)) and not _WHILE.match(text)


def asks_whether(text: str) -> bool:
    """Whether it is a yes-no question. These ask for rules more often than for figures."""
    return _YES_OR_NO.match(without_lead(text)[0]) is not None


def tells(text: str) -> bool:
    """Whether it is a statement: neither a question nor an order, or a heading (*fraud on card 5:*)."""
    return not asks(text) and (text[-1:] in _HEADING or not orders(text))


def orders(text: str) -> bool:
    """Whether it is an order for an object with a number."""
    found = None if _TELLS.match(text) or asks(text) else _ORDER.match(text)
    return found is not None and may_order(found["verb"])


def commands(text: str) -> bool:
    """Whether it is worded as an order, with or without a number: *please block my card*."""
    text = without_lead(text)[0]
    return not _TELLS.match(text) and not asks(text) and may_order(text.partition(" ")[0])


def opening(left: str, joint: str, right: str, *, led: bool) -> Opening | None:
    """How ``right`` begins a new clause; None if it continues ``left``.

    ``led``: ``left`` has a lead-in.
    """
    if _WHILE.match(right) or not content_words(right):
        return None
    if joint[0] not in ".?!;" and _CONDITION.match(right):
        return None
    if joint == "," and _RELATIVE.match(right):
        return None
    if _ANOTHER.match(right):
        return None if _subordinate(left, right) else "strict"
    if led and _WHETHER.match(right):
        return "strict"
    if _ordered(left, right):
        return "strict"
    parted = joint[-1] in ".?!;,"
    return "loose" if not parted and _asks_for(left, right, led=led) else None


def _asks_for(left: str, right: str, *, led: bool) -> bool:
    """Whether ``right`` names another thing to ask for, or a property of the one before (*its fee*)."""
    asked_for = bool(_ASKS_FOR.match(left)) or (led and not asks(left))
    return bool(_ITS.match(right)) or (asked_for and bool(_THING.match(right)))


def described(text: str) -> bool:
    """Whether it is a noun phrase with a complement: *the fee for a transfer*."""
    return bool(_THING.match(text))


def counts_alone(before: str, text: str) -> bool:
    """Whether a figure is independent of the one before, so that two queries give the right answers."""
    if _REFERS.search(text) or not (asks(text) or described(text)):
        return False
    both = bool(_COUNTS.match(before) and _COUNTS.match(text)) and not _REFERS.search(before)
    return both or not content_words(before) & content_words(text)


def _subordinate(left: str, right: str) -> bool:
    """*... who live here and who have a loan*: a second subordinate clause of the same noun."""
    found = _SUBORDINATE.match(right)
    if found is None or _INVERTED.match(right):
        return False
    word = found["word"].lower()
    same = "who|whom|whose|which|that" if word in _RELATIVES else word
    return re.search(rf"\w\s+(?:{same})\b", left, re.IGNORECASE) is not None


def _ordered(left: str, right: str) -> bool:
    """A second order: *block card 7001 and close account 12*, but not *block 7001 and card 7002*."""
    found = _ORDER.match(right)
    if found is not None:
        return orders(right) and found["verb"].lower() not in left.lower().split()
    begins = content_words(right.split()[0])
    elsewhere = not begins <= content_words(left) and not _TELLS.match(right)
    return orders(left) and elsewhere and len(content_words(right)) > 1
