"""Splits samples into training, validation and test sets.

A source is entirely in one set, independently of the rest of the data and of time: a sample that once
tested a model never trains a later one.
"""

import hashlib
from typing import Literal

Part = Literal["train", "validation", "test"]

PARTS: tuple[Part, ...] = ("train", "validation", "test")


def part_of(source: str, *, seed: int, validation: float, test: float) -> Part:
    digest = hashlib.sha256(f"{seed}\0{source}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"
