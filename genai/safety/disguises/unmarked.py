"""Reads a text without the emphasis, inline tags and line ends within its words and numbers.

4111**1111**1111**1111 ──▶ 4111111111111111        a_name@<b>bank</b>.example ──▶ a_name@bank.example
"""

import re
from collections.abc import Iterator

from genai.safety.encoded_runs import Decoded

_INLINE = (
    "b|i|u|s|em|strong|span|wbr|mark|code|font|small|big|sub|sup|del|ins|strike|tt|kbd|q|bdi|bdo"
)
_SIGN = rf"(?:[*~`]{{1,4}}|__|<(?:/?(?:{_INLINE})\b|!--)[^<>\x02]{{0,60}}>)"
_SIGNS = rf"{_SIGN}{{1,4}}"
_MARK = re.compile(
    rf"(?<=[\w.@+-]){_SIGNS}(?=[\w.@+-])"
    rf"|(?P<space>(?<=\d){_SIGNS}[ \t](?:{_SIGNS})?(?=\d)|(?<=\d)[ \t]{_SIGNS}(?=\d))"
    r"|(?P<line><br\b[^<>\x02]{0,20}>)"
    r"|(?<=\d)[ \t]{0,4}\\?\r?\n[ \t>*+-]{0,6}(?=\d)|(?<=\d-)[ \t]{0,4}\r?\n[ \t>]{0,6}(?=\d)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"[ \t]?(?:[*~`]{1,4}|__?|<[^<>\x02]{0,70}>?){1,4}[ \t]?(?:[*~`]{1,4}|<[^<>\x02]{0,70}>?){0,4}\Z"
)
_SIGN_OR_END = re.compile(r"[*~`<\n]|__")


def unmarked(text: str) -> Iterator[Decoded]:
    """The whole text, if anything is within it that could break a number or an address."""
    if not _SIGN_OR_END.search(text):
        return
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    position = 0
    for match in _MARK.finditer(text):
        start, end = match.span()
        parts.append(text[position:start])
        places += [(at, at + 1) for at in range(position, start)]
        if between := " " if match["space"] else "\n" if match["line"] else "":
            parts.append(between)
            places.append((start, end))
        position = end
    if position:
        parts.append(text[position:])
        places += [(at, at + 1) for at in range(position, len(text))]
        yield Decoded("".join(parts), places.__getitem__)


def begun_from(text: str) -> int:
    """The start of signs at the end of the text, with which a word or number may go on."""
    begun = _OPEN.search(text, max(0, len(text) - 90))
    return begun.start() if begun else len(text)
