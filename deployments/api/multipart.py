"""Reads ``multipart/form-data``, the format of file uploads."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from genai.errors import InvalidInput

if TYPE_CHECKING:  # it is only there for them
    from python_multipart.multipart import MultipartCallbacks

MEDIA_TYPE = b"multipart/form-data"

_MAX_PARTS = 64


@dataclass(slots=True)
class Part:
    """One field of a form. ``filename`` is without a folder; None for a text field."""

    name: str = ""
    filename: str | None = None
    media_type: str = ""
    data: bytes = b""

    @property
    def text(self) -> str:
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise InvalidInput("the fields of the form must be in UTF-8") from None


def is_form(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == MEDIA_TYPE


def read_form(raw: bytes, content_type: bytes) -> list[Part]:
    """The parts in their order. Raises `InvalidInput`."""
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    reading = _Reading()
    try:
        parser = MultipartParser(boundary, reading.callbacks())
        parser.write(raw)
        parser.finalize()
    except (FormParserError, ValueError):
        raise InvalidInput("the body is not a valid form") from None
    if not reading.complete:
        raise InvalidInput("the body is not a valid form")
    return reading.parts


@dataclass(slots=True)
class _Reading:
    """The parser's state: it reports names and values in pieces of its buffer."""

    parts: list[Part] = field(default_factory=list)
    complete: bool = False
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: bytes = b""
    _value: bytes = b""
    _data: list[bytes] = field(default_factory=list)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        if len(self.parts) >= _MAX_PARTS:
            raise InvalidInput(f"a form may have at most {_MAX_PARTS} fields")
        self._headers, self._data, self._name, self._value = {}, [], b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _end(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        filename = options.get(b"filename")
        self.parts.append(
            Part(
                name=_decoded(options.get(b"name", b"")),
                filename=None if filename is None else PurePath(_decoded(filename)).name,
                media_type=_decoded(self._headers.get(b"content-type", b"")),
                data=b"".join(self._data),
            )
        )

    def _finish(self) -> None:
        self.complete = True


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise InvalidInput("the names in a form must be in UTF-8") from None
