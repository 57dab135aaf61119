"""Recognises orders whose object is named before, and completes them.

After *My card 5 was stolen*, *please block it now* is *block card 5 now*. After two cards, *it* could be
either, and the order is *block the card now*: the agent asks which.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from genai.language.words import STOP_WORDS

_SAID = r"[.,;:!?()\u2013\u2014-]"
_WISH = re.compile(
    r"(?:(?:please|kindly|so|then|also|just|and)\s+"
    r"|(?:can|could|would|will)\s+(?:you|someone|somebody)\s+"
    r"|(?:i|we)(?:['\u2019]d|\s+would)?\s+(?:like|want|need|wish|ask|have)\s+(?:you\s+)?to\s+"
    r"|(?:go\s+ahead\s+and|make\s+sure\s+(?:to|you))\s+)*",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"(?P<verb>[a-z]+)\s+(?:(?P<many>them|both|(?:both\s+|these|those)(?:of\s+them)?)|it"
    r"|(?:this|that|these|those|the|my|our)\s+(?P<noun>[a-z]+))"
    rf"(?P<rest>\s*(?:$|{_SAID}).*"
    r"|\s+(?:and|now|please|immediately|urgently|quickly|permanently|at|right|straight|asap|as|today|again"
    r"|so|because|since|for|from|to|with|until|before|after)\b.*)?$",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = r"#?[-+\u2212]?(?!(?:19|20)\d\d\b)\d(?:[\d,.]*\d)?"
_NAMED = re.compile(
    r"\b(?P<noun>[a-z]+)\s+(?:(?:numbers?|no\.?|nr\.?|id)\s*[:#]?\s*)?"
    rf"(?P<numbers>{_NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+){_NUMBER}\b)*)"
    r"(?!\s*(?:%|\u20ac|(?:euros?|eur|percent|times|days?|hours?|weeks?|months?|years?|people)\b))",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"(?:\b(?:if|unless|in\s+case|suppose|assuming)|(?:^|[.?!;]\s+)should)\b[^.?!;]*$",
    re.IGNORECASE,
)
"""A sentence in which nothing has happened yet."""

_NO_VERB = re.compile(
    r"(?:how|both|show|list|count|find|describe|compare|explain|perhaps|though|although|unless|was|were|been"
    r"|took|lost|found|stole|left|saw|made|kept|sold|bought|sent|paid|spent|thought|knew|broke|forgot|told"
    r"|brought|threw|felt|heard|held|hid|used|stolen|broken|gone|love|hope|think|guess|believe|hate|remember"
    r"|\w{2,}(?:[^e]ed|ing|[^s]s|[^p]ly))",
    re.IGNORECASE,
)
"""Words before *it* that order nothing: questions, opinions, and what happened."""


class _Named(NamedTuple):
    noun: str
    numbers: str


def refers_back(text: str, before: str, *, apart: bool) -> bool:
    """Whether the text begins with an order for a numbered object of ``before``.

    ``apart``: whether a punctuation mark or another order precedes it. Otherwise it needs words of a
    wish: *A thief has card 5 and please block it*.
    """
    wish = _WISH.match(text)
    wished = wish is not None and bool(wish[0])
    return (apart or wished) and completed(text, before) != text


def completed(text: str, before: str) -> str:
    """The order with its object; unchanged if it is none, or nothing was named before it."""
    wish = _WISH.match(text)
    found = _BACK.match(text, wish.end() if wish else 0)
    if found is None or not may_order(found["verb"]) or _SUPPOSED.search(before):
        return text
    named = list(_all_named(before))
    if found["noun"]:
        named = [one for one in named if _one(one.noun) == _one(found["noun"])]
    if not named:
        return text
    same = {one.numbers: one for one in named if _one(one.noun) == _one(named[-1].noun)}
    if found["many"]:
        thing = " and ".join(f"{one.noun} {one.numbers}" for one in same.values())
    elif len(same) == 1:
        thing = f"{named[-1].noun} {named[-1].numbers}"
    else:
        thing = f"the {_one(named[-1].noun)}"
    return f"{found['verb']} {thing}{found['rest'] or ''}"


def may_order(word: str) -> bool:
    """Whether it can be the verb of an order."""
    return word.lower() not in STOP_WORDS and not _NO_VERB.fullmatch(word)


def _all_named(text: str) -> Iterator[_Named]:
    for found in _NAMED.finditer(text):
        if found["noun"].lower() not in STOP_WORDS and not _NO_VERB.fullmatch(_one(found["noun"])):
            yield _Named(found["noun"].lower(), found["numbers"])


def _one(noun: str) -> str:
    return noun.lower().removesuffix("s")
