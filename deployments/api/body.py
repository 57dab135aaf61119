"""Reads and validates JSON bodies from untrusted clients.

`orjson` itself rejects NaN, infinite numbers, lone surrogates, invalid UTF-8, byte order marks and
trailing text. This module limits size, depth and number of members, and rejects the two things that
orjson lets through: NUL characters and repeated keys.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.types import Receive

from deployments.api.connection import ClientGone
from deployments.api.errors import SlowBody, TooLarge, UnsupportedMedia
from deployments.api.known_fields import KnownFields, known_fields
from deployments.api.multipart import is_form
from genai.errors import InvalidInput

MAX_DEPTH = 64
MAX_MEMBERS = 20_000
"""Objects and their fields in one body; what validates them is slower than what parses them."""

RECEIVE_TIMEOUT_S = 10.0
UPLOAD_TIMEOUT_S = 60.0

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An escape that is not itself escaped."""

Model = TypeVar("Model", bound=BaseModel)
Headers = dict[bytes, bytes]


async def read_body(
    headers: Headers, receive: Receive, *, max_bytes: int, uploads: bool = False
) -> bytes:
    """The whole body of a request. Raises `TooLarge` before more than the limit is held.

    It is JSON, or with ``uploads`` a form, which may take longer to arrive.
    """
    _check_headers(headers, max_bytes, forms=uploads)
    within_s = UPLOAD_TIMEOUT_S if uploads else RECEIVE_TIMEOUT_S
    try:
        async with asyncio.timeout(within_s):
            return await _receive_all(receive, max_bytes)
    except TimeoutError:
        raise SlowBody(f"the body did not arrive within {within_s:g} seconds") from None


def parse(raw: bytes, model: type[Model]) -> Model:
    """The body as ``model``. Raises `InvalidInput` that names the field and never its value."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"the body is not valid JSON ({place})") from None
    if not isinstance(value, dict):
        raise InvalidInput("the body must be a JSON object")
    _check_structure(raw, value)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise as_invalid_input(error, model) from None


def as_invalid_input(error: ValidationError, model: type[BaseModel]) -> InvalidInput:
    """The first validation error, in words for the author of the body.

    Only names of known fields are repeated: an unknown name could be a secret.
    """
    mistakes = error.errors(include_url=False, include_input=False, include_context=False)
    known = known_fields(model)
    first = _telling(mistakes, known)
    if first["type"] == "extra_forbidden":
        return _unknown_field(first["loc"], known)
    param = known.place(first["loc"])
    where = param or "the body"
    match first["type"]:
        case "missing":
            return InvalidInput(f"{where} is required", param)
        case "union_tag_invalid" | "union_tag_not_found":
            return InvalidInput(f"{where} has an unknown or missing type", param)
        case _:
            message = first["msg"].removeprefix("Value error, ")
            return InvalidInput(f"{where}: {message}", param)


def _telling(mistakes: list[ErrorDetails], known: KnownFields) -> ErrorDetails:
    """The first mistake, unless it is a missing field, and another one is that field misspelt."""
    first = mistakes[0]
    if first["type"] == "missing":
        *place, missing = first["loc"]
        for other in mistakes:
            *here, name = other["loc"]
            misspelt = other["type"] == "extra_forbidden" and here == place
            if misspelt and known.meant(here, str(name)) == missing:
                return other
    return first


def _unknown_field(location: tuple[int | str, ...], known: KnownFields) -> InvalidInput:
    *place, name = location
    param = known.place(place)
    hint = f"; its fields are {', '.join(known.at(place))}" if not place else ""
    if meant := known.meant(place, str(name)):
        hint = f"; did you mean {known.place([*place, *meant.split('.')])}?"
    return InvalidInput(
        f"{param or 'the body'} has a field that this request does not know{hint}", param
    )


def _check_headers(headers: Headers, max_bytes: int, *, forms: bool) -> None:
    content_type = headers.get(b"content-type", b"")
    media_type = content_type.partition(b";")
    if media_type[0].strip().lower() != b"application/json" and not (
        forms and is_form(content_type)
    ):
        also = " or multipart/form-data" if forms else ""
        raise UnsupportedMedia(f"send the body as application/json{also}")
    charset = media_type[2].strip().lower().replace(b'"', b"")
    if charset.startswith(b"charset=") and charset not in {b"charset=utf-8", b"charset=utf8"}:
        raise UnsupportedMedia("send the body in UTF-8")
    if headers.get(b"content-encoding", b"identity").strip().lower() not in {b"identity", b""}:
        raise UnsupportedMedia("send the body without Content-Encoding")
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 15 or int(length) > max_bytes):
        raise _too_large(max_bytes)


async def _receive_all(receive: Receive, max_bytes: int) -> bytes:
    message = await receive()
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
        message = await receive()
    raise ClientGone


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"the body may have at most {max_bytes} bytes")


def _check_structure(raw: bytes, value: object) -> None:
    """Expensive checks run only if cheap byte counts give a reason."""
    opened = raw.count(b"{")
    if opened + raw.count(b":") > MAX_MEMBERS and _has_more_members(value, MAX_MEMBERS):
        raise InvalidInput(f"the body may have at most {MAX_MEMBERS} members")
    if opened + raw.count(b"[") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise InvalidInput(f"the body may be at most {MAX_DEPTH} levels deep")
    if b"\\u0000" in raw and _NUL.search(raw):
        raise InvalidInput("the body must not contain NUL characters")
    _KEYS.decode(raw.decode())


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > 1 and len({key for key, _ in pairs}) != len(pairs):
        raise InvalidInput("the body repeats a key within one object")


_KEYS = json.JSONDecoder(object_pairs_hook=_refuse_repeated_keys)


def _has_more_members(value: object, limit: int) -> bool:
    waiting, members = [value], 0
    while waiting and members <= limit:
        item = waiting.pop()
        if isinstance(item, dict):
            members += 1 + len(item)
        waiting += _containers(item)
    return members > limit


def _is_deeper(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _containers(parent)]
    return bool(level)


def _containers(value: object) -> list[object]:
    children: Iterable[object] = value if isinstance(value, list) else ()
    if isinstance(value, dict):
        children = value.values()
    return [child for child in children if isinstance(child, dict | list)]
