"""Finds national identification numbers.

A number whose shape is common, or whose check digit is weak, counts only if words near it name its kind.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from genai.safety import checksums
from genai.safety.named_after import name_after
from genai.safety.national_id import BESIDE, SEPARATORS, NationalId, squeeze
from genai.safety.national_id_kinds import KINDS
from genai.safety.number_names import (
    names_card,
    names_phone_beside,
    names_thing,
    names_thing_beside,
)
from genai.safety.tables.headers import Cell, cell_at
from genai.safety.world_id_kinds import WORLD_KINDS

NATIONAL_IDS = (*KINDS, *WORLD_KINDS)

NEAR = 24
"""Characters before a number that may say that it identifies a thing, such as an order."""

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[.-])(?:(?=[A-Za-z]{0,6}(?:[ .-]{0,2}[A-Za-z]?\d){4})"
    r"(?:[A-Za-z]{0,6}\d|[A-Z]{2}[ -](?=\d\d)|[XYZxyz][ -](?=\d))"
    r"|(?=\d[A-Z][A-Z\d]\d-?[A-Z][A-Z\d]\d-?[A-Z]{2}\d)\d"
    r"|(?=[A-Z]{5} \d{4} |[A-Z]{3} [A-Z]{3} \d\d[A-Z])[A-Z])"
)


class NationalIdFinder:
    """Finds numbers of several kinds: start, end and entity."""

    def __init__(self, ids: Sequence[NationalId]) -> None:
        self._named = tuple(number for number in ids if number.context)
        unnamed = [(f"id{index}", number) for index, number in enumerate(ids) if not number.context]
        tried = (f"(?=(?P<{name}>{_renamed(number, name)})|)" for name, number in unnamed)
        self._unnamed = dict(unnamed)
        self._shapes = re.compile("".join(tried))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        candidates = [candidate.start() for candidate in _CANDIDATE.finditer(text)]
        if not candidates:
            return
        squeezed = squeeze(text)
        named = [number for number in self._named if number.may_occur(squeezed)]
        covered = 0
        for start in candidates:
            if start < covered:
                continue
            for found in self._find_at(text, start, named):
                covered = max(covered, found[1])
                yield found

    def _find_at(
        self, text: str, start: int, named: Sequence[NationalId]
    ) -> list[tuple[int, int, str]]:
        """The kinds that the number at this position may be, the likeliest first.

        A name outweighs a shape, unless the named kind cannot be verified and the name is not directly
        before it.
        """
        cell = cell_at(text, start)
        shaped = self._matching(text, start)
        matched = [(number.match_named(text, start, cell), number) for number in (*named, *shaped)]
        found = sorted((m for m in matched if m[0][1]), key=lambda each: each[0][0])
        by_name = [(start, end, number.entity) for (_, end), number in found]
        by_shape = [
            (start, end, number.entity)
            for number in shaped
            if (end := number.end_of(text, start)) and not _identifies_thing(text, start, end, cell)
        ]
        vague = bool(found) and not found[0][1].is_checked and found[0][0][0] > BESIDE
        return [*by_shape, *by_name] if vague else [*by_name, *by_shape]

    def _matching(self, text: str, start: int) -> Sequence[NationalId]:
        """The kinds without context whose shape matches; all are tried in one search."""
        match = self._shapes.match(text, start)
        if match is None or match.lastindex is None:
            return ()
        found = match.groupdict()
        return [number for name, number in self._unnamed.items() if found[name] is not None]


_NO_LETTER = re.compile(r"[^A-Za-z]+")


def _identifies_thing(text: str, start: int, end: int, cell: Cell | None) -> bool:
    """Whether a name says so. For a number with letters, only the word directly before counts."""
    if cell and names_thing(cell.header):
        return True
    before = text[max(0, start - NEAR, cell.row if cell else 0) : start]
    if _NO_LETTER.fullmatch(text, start, end):
        digits = SEPARATORS.sub("", text[start:end])
        card = checksums.card_network(digits) and checksums.luhn(digits)
        beside = (before, name_after(text, end), cell.header if cell else "")
        other = names_thing(before) or names_phone_beside(cell.header if cell else before)
        return other or (card and any(map(names_card, beside)))
    return names_thing_beside(before)


@lru_cache(maxsize=512)
def names_national_id(words: str) -> bool:
    """Whether the words name a kind of national number."""
    return any(n.name_pattern.search(words) for n in NATIONAL_IDS if n.name_pattern)


def _renamed(number: NationalId, name: str) -> str:
    """The shape with its group named, so that it can be combined with other shapes."""
    shape = re.sub(r"(?<!\\)\((?!\?)", f"(?P<{name}s>", number.shape.pattern)
    return shape.replace(r"\1", f"(?P={name}s)")
