"""Harmless technical and legal prose: descriptions and licences of the installed packages."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Literal
from zlib import crc32

Half = Literal["learnt", "kept"]
INSTALLED = "installed packages"
_PART = 1500
_SHORTEST = 300
_MOST_PARTS = 6
_LICENCE = re.compile(r"\.dist-info/(?:licenses/)?(?:LICENSE|COPYING|NOTICE)[^/]*\Z")


def installed_texts(half: Half, most: int) -> list[str]:
    """Up to ``most`` parts of the texts of one half of the packages. Deterministic for the same lock file.

    The halves have no text in common: one is for training, the other for tests.
    """
    if not most:
        return []
    learnt = dict.fromkeys(_parts_of(0))
    kept = dict.fromkeys(part for part in _parts_of(1) if part not in learnt)
    found = list(learnt if half == "learnt" else kept)
    return found[:: max(1, len(found) // most)][:most]


def _parts_of(remainder: int) -> Iterator[str]:
    for one in sorted(distributions(), key=_name):
        if not _name(one).startswith("genai") and crc32(_name(one).encode()) % 2 == remainder:
            for text in _texts(one):
                yield from _parts(text)


def _name(one: Distribution) -> str:
    return str(one.metadata["Name"] or "").lower()


def _texts(one: Distribution) -> Iterator[str]:
    yield one.read_text("METADATA") or ""
    for file in one.files or ():
        if _LICENCE.search(file.as_posix()):
            yield Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")


def _parts(text: str) -> list[str]:
    body = text.partition("\n\n")[2]
    parts = [body[at : at + _PART] for at in range(0, len(body), _PART)][:_MOST_PARTS]
    return [part for part in parts if len(part) >= _SHORTEST]
