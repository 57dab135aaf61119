"""How a piece of data may be told so that nobody recognises it who does not know it.

    4111 1111 ──▶ 41111111, 11111114, 3431313131…, NDExMS…, 5249494949…

Each form is a row of letters and digits alone: what stands between them in a text does not matter.
"""

import base64
import re
from codecs import encode
from collections.abc import Iterator
from typing import NamedTuple

SHORTEST = 8
"""Fewer letters and digits are too likely to be a chance."""

_OFFICE = re.compile(
    r"(?:info|support|contact|service|help(?:desk)?|office|mail|hello|sales|press|jobs|team|admin|kontakt"
    r"|contacto|contatti|no-?reply|webmaster|billing|privacy)@",
    re.IGNORECASE,
)
"""Addresses of nobody in particular. Prose has their words in a row, too: for more info, see bank.example."""

_OTHERS = re.compile(r"[\W_]+")


class Datum(NamedTuple):
    """Something that a model has read and may not tell, and its kind."""

    entity: str
    text: str


class Form(NamedTuple):
    """``exact`` forms differ in their capital letters, too."""

    datum: Datum
    letters: str
    exact: bool = False


def forms(datum: Datum) -> Iterator[Form]:
    """All forms of it; none of what is too short."""
    small = bare(datum.text).lower()
    if len(small) < SHORTEST or _OFFICE.match(datum.text):
        return
    spelt = {small, small[::-1]}
    if any(map(str.isalpha, small)):
        spelt.add(encode(small, "rot13"))
    for written in {datum.text, bare(datum.text)}:
        raw = written.encode("utf-8", "replace")
        spelt |= {raw.hex(), raw[::-1].hex(), "".join(map(str, raw))}
        spelt.add("".join(f"{byte:08b}" for byte in raw))
        for coded in _base64(raw):
            yield Form(datum, coded, exact=True)
        yield Form(datum, bare(base64.b32encode(raw).decode()), exact=True)
    for letters in spelt:
        yield Form(datum, letters)


def bare(text: str) -> str:
    """Letters and digits alone."""
    return _OTHERS.sub("", text)


def _base64(raw: bytes) -> Iterator[str]:
    """By itself, and as it stands inside of something longer, which has three ways to begin."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw).decode()
        whole = (before + len(raw)) // 3 * 4
        yield bare(coded[(before * 8 + 5) // 6 : whole])
