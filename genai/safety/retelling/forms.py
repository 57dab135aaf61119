"""The disguised forms in which a model may disclose data.

    4111 1111 ──▶ 41111111, 11111114, 3431313131…, NDExMS…, 5249494949…

Each form consists of letters and digits only; whatever separates them in a text is ignored.
"""

import base64
import re
from codecs import encode
from collections.abc import Iterator
from typing import NamedTuple

SHORTEST = 8
"""Minimum letters and digits: fewer could match by coincidence."""

_OFFICE = re.compile(
    r"(?:info|support|contact|service|help(?:desk)?|office|mail|hello|sales|press|jobs|team|admin|kontakt"
    r"|contacto|contatti|no-?reply|webmaster|billing|privacy)@",
    re.IGNORECASE,
)
"""General addresses. Prose has their words in sequence, too: for more info, see bank.example."""

_OTHERS = re.compile(r"[\W_]+")


class Datum(NamedTuple):
    """A piece of data that a model has read and must not disclose, and its kind."""

    entity: str
    text: str


class Form(NamedTuple):
    """``exact`` forms are case-sensitive."""

    datum: Datum
    letters: str
    exact: bool = False


def forms(datum: Datum) -> Iterator[Form]:
    """All forms of the data; none if it is too short."""
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
    """Only the letters and digits."""
    return _OTHERS.sub("", text)


def _base64(raw: bytes) -> Iterator[str]:
    """Its base64, alone and at each of the three offsets within a longer text."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw).decode()
        whole = (before + len(raw)) // 3 * 4
        yield bare(coded[(before * 8 + 5) // 6 : whole])
