"""Finds keys and tokens that something else breaks into pieces: line breaks, emphasis, tags, list items.

    AKIA**IOSF**ODNN 7EXA MPLE        ["ghp_16C7", "e42F292c", …]

A token is recognised by its beginning. What follows must be shuffled letters and digits, as no words are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from genai.safety.disguises.squeezed import Squeezed

Span = tuple[int, int]

_MIXED = "[A-Za-z0-9]"
_UPPER = "[A-Z2-7]"
_HEX = "[0-9a-f]"


class _Kind(NamedTuple):
    """``begins`` matches the beginning of a token without its signs, and ``size`` letters follow.

    With ``sign``, a sign ends the beginning. ``mixed`` tokens have small letters and capitals.
    """

    begins: str
    letters: str
    size: int
    sign: bool = True
    mixed: bool = True


_KINDS = {
    "aws_key": _Kind("A(?:KI|SI|GP|ID|RO|NP)A", _UPPER, 16, sign=False, mixed=False),
    "github_token": _Kind("gh[pousr]", _MIXED, 36),
    "github_pat": _Kind("githubpat", _MIXED, 22),
    "gitlab_token": _Kind("glpat", _MIXED, 16),
    "openai_key": _Kind("sk(?:proj|svcacct|admin|ant|or)", _MIXED, 20),
    "openai_old_key": _Kind("sk", _MIXED, 32),
    "stripe_key": _Kind("[srp]k(?:live|test)", _MIXED, 16),
    "webhook_key": _Kind("whsec", _MIXED, 24),
    "slack_token": _Kind("xox[abeoprs]", _MIXED, 20, mixed=False),
    "google_key": _Kind("AIza", _MIXED, 30, sign=False),
    "google_secret": _Kind("GOCSPX", _MIXED, 20),
    "google_token": _Kind("ya29", _MIXED, 20),
    "huggingface_token": _Kind("hf", _MIXED, 30),
    "npm_token": _Kind("npm", _MIXED, 36),
    "pypi_token": _Kind("pypiAgE", _MIXED, 28, sign=False),
    "docker_token": _Kind("dckrpat", _MIXED, 18),
    "sendgrid_key": _Kind("SG", _MIXED, 30),
    "jwt": _Kind("eyJ", _MIXED, 24, sign=False),
    "vault_token": _Kind("hv[sb]", _MIXED, 22),
    "digitalocean_token": _Kind("do[opr]v1", _HEX, 40, mixed=False),
    "shopify_token": _Kind("shp(?:at|ca|pa|ss)", _HEX, 32, mixed=False),
    "databricks_token": _Kind("dapi", _HEX, 32, sign=False, mixed=False),
    "atlassian_token": _Kind("ATATT3", _MIXED, 18, sign=False),
    "sentry_token": _Kind("sntry[su]", _MIXED, 28),
    "new_relic_key": _Kind("NRAK", "[A-Z0-9]", 27, mixed=False),
    "linear_key": _Kind("linapi", _MIXED, 32),
    "own_key": _Kind("gaf", "[0-9a-f]", 16, mixed=False),
    "age_key": _Kind("AGESECRETKEY1", "[A-Z0-9]", 50, mixed=False),
}
_TOKEN = re.compile(
    "|".join(
        f"(?P<{name}>{kind.begins})(?P<{name}_rest>{kind.letters}{{{kind.size}}})"
        for name, kind in _KINDS.items()
    )
)


def _begun(begins: str) -> str:
    """A pattern for every prefix of the beginning, up to the end of the text."""
    parts: list[str] = re.findall(r"\(\?:[^)]*\)|\[[^\]]*\]|.", begins)
    pattern = ""
    for part in reversed(parts[1:]):
        pattern = rf"(?:\Z|{_partly(part)}{pattern})"
    return parts[0] + pattern


def _partly(part: str) -> str:
    if not part.startswith("(?:"):
        return part
    words = part[3:-1].split("|")
    begun = {rf"{word[:end]}\Z" for word in words for end in range(1, len(word))}
    return f"(?:{'|'.join((*sorted(words, key=len, reverse=True), *sorted(begun)))})"


_BEGUN = re.compile(
    "|".join(
        rf"(?P<{name}>{_begun(kind.begins)})(?P<{name}_rest>{kind.letters}{{0,{kind.size - 1}}})\Z"
        for name, kind in _KINDS.items()
    )
)
_FIRST = frozenset("AgsrpwxGyhndSeNlDa")
_EARLY = 12
"""Letters after which words are told from a token."""


def find_broken_tokens(text: Squeezed) -> Iterator[tuple[int, int, str]]:
    """The places in the text, and the kinds, of tokens in one or more pieces."""
    for first in text.begins:
        if text.letters[first] in _FIRST and (token := _TOKEN.match(text.letters, first)):
            name = next(name for name in _KINDS if token[name])
            if _is_token(text, _KINDS[name], *token.span(f"{name}_rest"), first):
                yield *text.span(first, token.end()), name


def undecided_from(text: Squeezed, longest: int) -> int | None:
    """The position from which the end of the text could become a token; None if nowhere."""
    for first in text.begins:
        if len(text.letters) - first > longest or text.letters[first] not in _FIRST:
            continue
        if begun := _BEGUN.match(text.letters, first):
            name = next(name for name in _KINDS if begun[name])
            start, end = begun.span(f"{name}_rest")
            early = end - start >= _EARLY and not _shuffled(text, start, start + _EARLY)
            early = early or (start < end and not _signed(text, _KINDS[name], start))
            if not early and not _between(text.far, first, end):
                return text.positions[first]
    return None


def _is_token(text: Squeezed, kind: _Kind, start: int, end: int, first: int) -> bool:
    if _between(text.far, first, end) or not _signed(text, kind, start):
        return False
    letters = text.letters[start:end]
    if kind.mixed and not (_has(str.islower, letters) and _has(str.isupper, letters)):
        return False
    return _shuffled(text, start, start + _EARLY) and _is_random(text, start, end)


def _signed(text: Squeezed, kind: _Kind, start: int) -> bool:
    return not kind.sign or bool(_between(text.begins, start - 1, start + 1))


def _between(sorted_places: Sequence[int], first: int, end: int) -> Sequence[int]:
    """Those after ``first`` and before ``end``."""
    return sorted_places[bisect_right(sorted_places, first) : bisect_left(sorted_places, end)]


def _has(what: Callable[[str], bool], letters: str) -> bool:
    return any(map(what, letters))


def _shuffled(text: Squeezed, start: int, end: int) -> bool:
    """Whether it could be the beginning of a token: of capitals and digits, or with a turn."""
    return not _has(str.islower, text.letters[start:end]) or _turns_within(text, start, end) > 0


def _is_random(text: Squeezed, start: int, end: int) -> bool:
    letters = text.letters[start:end]
    if not _has(str.islower, letters):
        return _has(str.isdigit, letters) and (len(letters) > 16 or not letters.isdigit())
    return _turns_within(text, start, end) >= len(letters) // 8


def _turns_within(text: Squeezed, start: int, end: int) -> int:
    """How often a piece goes on in another kind of letter, as words and numbers do not.

    Pieces of one or two letters are judged together.
    """
    begins = set(_between(text.begins, start, end))
    if len(begins) >= (end - start) // 2:
        begins = set()
    pairs = enumerate(pairwise(text.letters[start:end]), start + 1)
    return sum(_turns(*pair) for at, pair in pairs if at not in begins)


def is_shuffled(word: str) -> bool:
    """Whether a word has small letters and capitals, or capitals and digits alone."""
    if _has(str.islower, word):
        return _has(str.isupper, word) and any(_turns(*pair) for pair in pairwise(word))
    return _has(str.isupper, word) and _has(str.isdigit, word)


def _turns(one: str, other: str) -> bool:
    """Whether a letter is followed by a digit or the reverse, or a small letter by a capital."""
    return one.isdigit() != other.isdigit() or (one.islower() and other.isupper())
