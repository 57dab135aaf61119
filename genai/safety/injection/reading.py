"""Readings of a text: as it is, and with possible disguises removed.

text ──▶ without escapes, folded ──▶ plain ──▶ unleeted, unsplit, reversed   each if there are signs of it
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from genai.safety.escapes import without_escapes
from genai.safety.normalise import fold, join_split_words, rot13, unleet

_WORDS = re.compile(r"\w+")
_BETWEEN_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_SPACES = re.compile(r"[^\S\n]+|\n\s*")
_UNEVEN = ("  ", "\n ", "\n\n", "\t", "\r", "\f", "\v", "\x1c", "\x1d", "\x1e", "\x1f")
_UNEVEN_ELSEWHERE = re.compile(r"[^\S\n ]|[^\S\n]{2}|\n\s")
_TYPOGRAPHY = tuple(
    zip(
        "\u2018\u2019\u201c\u201d\u2010\u2013\u2014\u2022\u00b7\u20ac\u00a3",
        "''\"\"---**^^",
        strict=True,
    )
)
"""Typographic characters and their ASCII equivalents: most texts have no other ones."""

_SIGN_IN_WORD = re.compile(r"\w[@$|]|[@$!|]\w")
_SPLIT = re.compile(r"(?:(?<!\w)[^\W_][^\w\n]{1,3}){3}")
"""Three single letters in a row. Prose has single letters, but not in sequence."""
_SINGLE = frozenset("bcefghjklnopqruvwxyz")
"""Single letters that are rare in prose, unlike ``I``, and the ``t`` of ``isn't``."""
_ROT13 = frozenset(map(rot13, ("ignore", "instructions", "prompt", "system", "previous")))
_REVERSED = frozenset(
    word[::-1] for word in ("ignore", "disregard", "instructions", "prompt", "system", "previous")
)

_LONG_WORD = re.compile(r"\w{16,}")
_HEX_PAIRS = frozenset(f"{byte:02x}" for byte in range(256))


@dataclass(frozen=True, slots=True)
class Reading:
    """A lower-case text with single spaces, and its words."""

    text: str
    words: frozenset[str]


def plain(text: str) -> Reading:
    """The text as a reader sees it, in lower case."""
    folded = fold(without_escapes(text)).lower().replace("`", "'")
    if not folded.isascii():
        for printed, typed in _TYPOGRAPHY:
            folded = folded.replace(printed, typed)
    if folded.isascii():
        uneven = any(space in folded for space in _UNEVEN)
    else:
        uneven = _UNEVEN_ELSEWHERE.search(folded) is not None
    return _reading(_SPACES.sub(_one_space, folded) if uneven else folded)


def readings(text: str, wanted: frozenset[str]) -> Iterator[Reading]:
    """The plain reading, and others if there are signs of a disguise.

    Undisguised words matter only if some of them are ``wanted``.
    """
    read = plain(text)
    yield read
    if _has_signs_in_words(read, wanted):
        unmasked = _reading(unleet(read.text))
        if not wanted.isdisjoint(unmasked.words - read.words):
            yield unmasked
    if len(read.words & _SINGLE) >= 3:
        folded = fold(text).lower()
        if _SPLIT.search(folded):
            yield _reading(join_split_words(folded))
    if not _ROT13.isdisjoint(read.words):
        yield _reading(rot13(read.text))
    if not _REVERSED.isdisjoint(read.words):
        yield _reading(read.text[::-1])
        yield _reading(_WORDS.sub(lambda word: word[0][::-1], read.text))


def may_hide(text: str, read: Reading) -> bool:
    """A cheap test that is false for nearly all prose: very long odd words, or signs of other
    encodings.
    """
    if "%" in text or "\\x" in text or text.count("0x") >= 8:
        return True
    if len(read.words & _HEX_PAIRS) >= 4:
        return True
    return max(map(len, read.words), default=0) >= 16 and any(map(_odd, _LONG_WORD.findall(text)))


def _odd(word: str) -> bool:
    """Whether it has digits or capitals where prose has none."""
    return not (word.isalpha() and (word.islower() or word.istitle() or word.isupper()))


def _reading(text: str) -> Reading:
    if text.isascii():
        return Reading(text, frozenset(text.translate(_BETWEEN_WORDS).split()))
    return Reading(text, frozenset(_WORDS.findall(text)))


def _has_signs_in_words(read: Reading, wanted: frozenset[str]) -> bool:
    """Whether digits or signs seem to replace letters."""
    odd = [word for word in read.words if not (word.isalpha() or word.isdigit())]
    if odd and not wanted.isdisjoint(map(unleet, odd)):
        return True
    text = read.text
    if "@" in text or "$" in text or "!" in text or "|" in text:
        return _SIGN_IN_WORD.search(text) is not None
    return False


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "
