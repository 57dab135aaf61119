"""Reads what a number is from the words behind it: "943 476 5919 is my NHS number"."""

import re

_VERBS = ("is", "was", "ist", "war", "est", "es", "è", "är", "er", "jest", "on", "=")
_AS = ("as", "als", "como", "comme", "come", "jako", "som")
_OWNERS = (
    "my", "his", "her", "their", "our", "your", "mein", "meine", "ihre", "seine", "unsere", "mon", "ma",
    "votre", "sa", "son", "mi", "su", "il mio", "la mia", "mijn", "uw", "zijn", "min", "mitt", "mit",
    "minha", "meu", "o meu", "a minha", "mój",
)  # fmt: skip
"""No articles behind a verb: a stream that begins "12345678 is the ..." should not wait."""
_NAME = r"[^\n.,;:!?()\d]{1,28}"
_CLOSED = "[)\"'»”*`,:]?"
_SHORT_FOR = "[A-Z]{3,6}"
LONGEST = 48
"""What says it is no longer."""


def _begun(words: tuple[str, ...]) -> str:
    """Any beginning of any of these words, the empty one included."""
    beginnings = {word[:length] for word in words for length in range(len(word) + 1)}
    return "|".join(map(re.escape, sorted(beginnings, key=len, reverse=True)))


_VERB, _LIKE, _OWNER = ("|".join(map(re.escape, words)) for words in (_VERBS, _AS, _OWNERS))
_SAID = re.compile(
    rf"{_CLOSED} (?:(?i:(?:{_VERB}) (?:{_OWNER}) (?P<owned>{_NAME})"
    rf"|(?:{_LIKE}) (?:(?:{_OWNER}) )?(?P<like>{_NAME})|(?:the|{_OWNER}) (?P<asked>{_NAME}))"
    rf"|\((?P<within>{_NAME})|(?P<short>{_SHORT_FOR})(?![A-Za-z]))"
)
_BEGUN = re.compile(
    rf"(?<=\d){_CLOSED} (?:(?i:{_begun(_VERBS)}"
    rf"|(?:{_VERB}) (?:(?:{_begun(_OWNERS)})|(?:{_OWNER}) (?:{_NAME})?)"
    rf"|{_begun(_AS)}|(?:{_LIKE}) (?:(?:{_OWNER}) )?(?:{_NAME})?"
    rf"|{_begun(('the', *_OWNERS))}|(?:the|{_OWNER}) (?:{_NAME})?)"
    rf"|\((?:{_NAME})?|[A-Z]{{0,6}})\Z"
)
_NUMBER = re.compile(r"\d(?:[ .\u00a0/-]?\d){4}\Z")
"""The end of a number that is long enough to be somebody's."""


def name_after(text: str, end: int) -> str:
    """What the number that ends there is said to be, in small letters; empty if nothing is said."""
    said = _SAID.match(text, end)
    return said[said.lastgroup or 0].lower() if said else ""


def begun_after(text: str) -> int:
    """Where the words begin, at the end of the text, that may still say what the number before is."""
    begun = _BEGUN.search(text, max(0, len(text) - LONGEST))
    if begun is None or not _NUMBER.search(text, max(0, begun.start() - 12), begun.start()):
        return len(text)
    return begun.start()
