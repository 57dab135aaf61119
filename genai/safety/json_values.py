"""Keeps JSON valid when values in it are redacted.

    {"v": 4111111111111111} ──▶ {"v":<CREDIT_CARD>} ──▶ {"v":"<CREDIT_CARD>"}

A redacted number becomes a string. There may be prose around the JSON, and the text may come in parts; the
result does not depend on how it is split.
"""

import re
from typing import Literal

_OPENS = re.compile(r"[{\[]")
_BEGINS = {"{": re.compile(r"[ \t\r\n]*[\"}]"), "[": re.compile(r"[ \t\r\n]*[\[{\"\]\d<-]")}
_MAY_BEGIN = re.compile(r"[ \t\r\n]{0,80}\Z")
_BLANK = re.compile(r"[ \t\r\n]+")
_SIGN = re.compile(r"[,:]")
_STRING_END = re.compile(r"[\"\n\\]")
_KIND = r"<[A-Z][A-Z_]{1,38}(?:_\d{1,5}_[b-z]{5})?>"
_BARE = re.compile(rf"(?:[-+.\w]|{_KIND})+")
_TAKEN_OUT = re.compile(rf"[-+.\deE]*(?:{_KIND}[-+.\deE]*)+")
_BEGUN = re.compile(r"[-+.\w<>]*\Z")
_LITERAL = re.compile(r"true|false|null|-?\d[\d.eE+-]*")
_LONGEST_BARE = 200
_DEEPEST = 200
_CLOSES = {"{": "}", "[": "]"}

_Place = Literal["prose", "value", "string"]


class JSONValues:
    """Processes one text: `feed` its parts, then get the `rest`."""

    def __init__(self) -> None:
        self._pending = ""
        self._place: _Place = "prose"
        self._open: list[str] = []

    def feed(self, part: str) -> str:
        """Returns the decided text; an incomplete value is held back."""
        return self._read(part, final=False)

    def rest(self) -> str:
        """Returns the text that was held back."""
        return self._read("", final=True)

    def _read(self, part: str, *, final: bool) -> str:
        text, position = self._pending + part, 0
        written: list[str] = []
        while position < len(text):
            match self._place:
                case "prose":
                    step = self._prose(text, position, final)
                case "value":
                    step = self._value(text, position, final)
                case "string":
                    step = self._string(text, position, final)
            if step is None:
                break
            said, position = step
            written.append(said)
        self._pending = text[position:]
        return "".join(written)

    def _prose(self, text: str, at: int, final: bool) -> tuple[str, int] | None:
        found = _OPENS.search(text, at)
        if found is None:
            return text[at:], len(text)
        if found.start() > at:
            return text[at : found.start()], found.start()
        if _BEGINS[found[0]].match(text, at + 1):
            self._enter(found[0])
        elif not final and _MAY_BEGIN.match(text, at + 1):
            return None
        return found[0], at + 1

    def _value(self, text: str, at: int, final: bool) -> tuple[str, int] | None:
        """Handles a token between strings. Invalid JSON ends the value."""
        character = text[at]
        if blank := _BLANK.match(text, at):
            return blank[0], blank.end()
        if character == '"':
            self._place = "string"
        elif character in _CLOSES:
            self._enter(character)
        elif self._open and character == _CLOSES[self._open[-1]]:
            self._open.pop()
            self._place = "value" if self._open else "prose"
        elif not _SIGN.match(character):
            return self._bare(text, at, final)
        return character, at + 1

    def _bare(self, text: str, at: int, final: bool) -> tuple[str, int] | None:
        begun = _BEGUN.match(text, at)
        if begun and not final and len(text) - at <= _LONGEST_BARE:
            return None
        bare = _BARE.match(text, at)
        if bare is None:
            self._leave()
            return text[at], at + 1
        if _TAKEN_OUT.fullmatch(bare[0]):
            return f'"{bare[0]}"', bare.end()
        if not _LITERAL.fullmatch(bare[0]):
            self._leave()
        return bare[0], bare.end()

    def _string(self, text: str, at: int, final: bool) -> tuple[str, int] | None:
        """Reads to the end of the string or an escape. Half an escape left by a redaction is dropped."""
        found = _STRING_END.search(text, at)
        if found is None:
            return text[at:], len(text)
        end = found.start()
        if found[0] == '"':
            self._place = "value"
            return text[at : end + 1], end + 1
        if found[0] == "\n":
            self._leave()
            return text[at : end + 1], end + 1
        if end + 1 == len(text):
            return (text[at:], len(text)) if final else _before(text, at, end)
        if text[end + 1] == "<":
            return text[at:end], end + 1
        return text[at : end + 2], end + 2

    def _enter(self, bracket: str) -> None:
        self._open.append(bracket)
        self._place = "value"
        if len(self._open) > _DEEPEST:
            self._leave()

    def _leave(self) -> None:
        self._open.clear()
        self._place = "prose"


def _before(text: str, at: int, end: int) -> tuple[str, int] | None:
    return (text[at:end], end) if end > at else None


def with_json_values(text: str) -> str:
    """The text with a JSON string for every redacted number in JSON."""
    if "<" not in text or not _OPENS.search(text):
        return text
    values = JSONValues()
    return values.feed(text) + values.rest()
