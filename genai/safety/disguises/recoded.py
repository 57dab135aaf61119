"""Finds long parts of known texts that are written backwards, in codes, or broken into pieces.

    the text ──▶ its letters, its letters backwards, in rot13, in base64, in hexadecimal …
    an answer ──▶ its letters ──▶ a run of them that occurs in one of these?

Base64 depends on where it begins, so each text is encoded from three places.
"""

import base64
from codecs import encode
from collections.abc import Iterator, Sequence

from genai.safety.disguises.squeezed import Squeezed
from genai.safety.retelling.forms import bare

_GRAM = 20
_ENOUGH = 48
"""Letters of a run that are no coincidence. At least ``2 * _GRAM``, so that one indexed gram is in it."""

SHOWN = 12
"""Letters of a run that may be shown: fewer are held back in streams, and prove nothing."""


class RecodedTexts:
    def __init__(self, texts: Sequence[str]) -> None:
        self._said = "\n".join(form for text in texts for form in _forms(text))
        self._places: dict[str, int] = {}
        for at in range(0, len(self._said) - _GRAM + 1, _GRAM):
            self._places.setdefault(self._said[at : at + _GRAM], at)

    def find(self, text: Squeezed) -> Iterator[tuple[int, int]]:
        """The places in the text of runs, without the letters that may be shown."""
        letters = text.letters.lower()
        at = 0
        while at <= len(letters) - _GRAM:
            place = self._places.get(letters[at : at + _GRAM])
            if place is None:
                at += 1
                continue
            first, last = self._run(letters, at, place)
            if last - first >= _ENOUGH:
                yield text.span(first + SHOWN, last)
            at = max(last, at + 1)

    def undecided_from(self, text: Squeezed) -> int | None:
        """The position from which the end of the text could become part of a run; None if nowhere."""
        letters = text.letters[-_ENOUGH:].lower()
        size = SHOWN + 1
        if len(letters) < size or letters[-size:] not in self._said:
            return None
        while size < len(letters) and letters[-size - 1 :] in self._said:
            size += 1
        return text.positions[len(text.letters) - size + SHOWN]

    def _run(self, letters: str, at: int, place: int) -> tuple[int, int]:
        """The longest run around a gram and its place in the known texts."""
        said, first, last = self._said, at, at + _GRAM
        while first and place and letters[first - 1] == said[place - 1]:
            first, place = first - 1, place - 1
        end = place + last - first
        while last < len(letters) and end < len(said) and letters[last] == said[end]:
            last, end = last + 1, end + 1
        return first, last


def _forms(text: str) -> Iterator[str]:
    """In small letters and digits only."""
    raw = text.encode("utf-8", "replace")
    plain = bare(text).lower()
    yield plain
    yield plain[::-1]
    yield encode(plain, "rot13")
    yield raw.hex()
    yield raw[::-1].hex()
    for written in ("{}", "{:08b}", "0x{:02x}", "chr{}", "{:03o}"):
        yield "".join(map(written.format, raw))
    yield bare(base64.b32encode(raw).decode()).lower()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw).decode().lower()
        yield from (bare(coded), bare(coded)[::-1])
        yield bare(base64.urlsafe_b64encode(b"\0" * before + raw[::-1]).decode().lower())
