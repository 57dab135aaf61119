"""Reads what a number is from the words behind it: "943 476 5919 is my NHS number"."""

import re

_VERBS = ("is", "was", "ist", "war", "est", "es", "è", "är", "er", "jest", "on", "=")
_OWNERS = (
    "my", "his", "her", "their", "our", "your", "mein", "meine", "ihre", "seine", "unsere", "mon", "ma",
    "votre", "sa", "son", "mi", "su", "il mio", "la mia", "mijn", "uw", "zijn", "min", "mitt", "mit",
    "minha", "meu", "o meu", "a minha", "mój",
)  # fmt: skip
"""No articles: a stream that begins "12345678 is the ..." should not wait."""
_NAME = r"[^\n.,;:!?\d]{1,28}"
LONGEST = 48
"""What says it is no longer."""


def _begun(words: tuple[str, ...]) -> str:
    """Any beginning of any of these words, the empty one included."""
    beginnings = {word[:length] for word in words for length in range(len(word) + 1)}
    return "|".join(map(re.escape, sorted(beginnings, key=len, reverse=True)))


_VERB, _OWNER = ("|".join(map(re.escape, words)) for words in (_VERBS, _OWNERS))
_SAID = re.compile(rf"\)? (?:{_VERB}) (?:{_OWNER}) (?P<name>{_NAME})", re.IGNORECASE)
_BEGUN = re.compile(
    rf"(?<=\d)\)? (?:(?:{_begun(_VERBS)})"
    rf"|(?:{_VERB}) (?:(?:{_begun(_OWNERS)})|(?:{_OWNER}) (?:{_NAME})?))\Z",
    re.IGNORECASE,
)


def name_after(text: str, end: int) -> str:
    """What the number that ends there is said to be; empty if nothing is said."""
    said = _SAID.match(text, end)
    return said["name"].lower() if said else ""


def begun_after(text: str) -> int:
    """Where the words begin, at the end of the text, that may still say what the number before is."""
    begun = _BEGUN.search(text, max(0, len(text) - LONGEST))
    return begun.start() if begun else len(text)
