"""Texts written by hand for measuring, before what they measure was changed; never trained on.

Each suite is a file of lines. One half of its lines, chosen by checksum, was looked at while the
rules and the classifier were made; the other only when they were done.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zlib import crc32

from genai.safety.base import Stage

FOLDER = Path(__file__).with_name("suites")
Half = Literal["seen", "unseen"]


@dataclass(frozen=True, slots=True)
class Suite:
    """``found`` says which share should be: of attacks all, of honest texts none."""

    name: str
    stage: Stage
    attack: bool


SUITES = (
    Suite("orders_in_data", "tool", attack=True),
    Suite("attacks_by_users", "input", attack=True),
    Suite("honest_data", "tool", attack=False),
    Suite("honest_questions", "input", attack=False),
    Suite("instructions", "input", attack=False),
    Suite("explicit_orders", "tool", attack=True),
    Suite("honest_results", "tool", attack=False),
    Suite("fresh_orders", "tool", attack=True),
    Suite("fresh_results", "tool", attack=False),
)
_SALTS = {"fresh_orders": "blind", "fresh_results": "blind"}
"""What goes before a line for its checksum, where it was halved so."""


def lines(name: str, half: Half) -> list[str]:
    """Of a suite, without its comment."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    salt = _SALTS.get(name, "")
    chosen = [
        line for line in text.splitlines()[1:] if line and (half == "seen") == _even(salt + line)
    ]
    return [line.replace("\\n", "\n") for line in chosen]


def texts(suite: Suite, half: Half) -> list[str]:
    """What the check gets: for data each line in the result of a tool, once in every form."""
    if suite.stage == "input":
        return lines(suite.name, half)
    return list(_results(lines(suite.name, half), lines("honest_data", half)))


def _even(line: str) -> bool:
    return crc32(line.encode()) % 2 == 0


def _results(planted: Sequence[str], around: Sequence[str]) -> Iterator[str]:
    rng = random.Random(0)
    for text in planted:
        for form in _FORMS:
            yield form(text, rng.choice(around), rng)


def _as_json(text: str, other: str, rng: random.Random) -> str:
    rows = [{"id": rng.randint(1, 9999), "text": said} for said in (other, text)]
    return json.dumps({"status": "ok", "items": rows}, ensure_ascii=rng.random() < 0.5)


def _as_review(text: str, other: str, rng: random.Random) -> str:
    review = {
        "reviewer": "D. Moss",
        "rating": rng.randint(1, 5),
        "title": "Review",
        "content": text,
    }
    return str({"product": {"id": rng.randint(1, 999), "about": other, "reviews": [review]}})


def _as_mail(text: str, other: str, rng: random.Random) -> str:
    head = f"id: {rng.randint(1, 40)}\nsender: kim@example.com\nsubject: Hello"
    return f"{head}\nbody: |-\n  {other}\n  {text}\nread: true"


def _as_page(text: str, other: str, rng: random.Random) -> str:
    return f"<h1>News</h1><p>{other}</p><div class='c{rng.randint(1, 9)}'>{text}</div></body>"


def _as_prose(text: str, other: str, rng: random.Random) -> str:
    return f"{other} {text}" if rng.random() < 0.5 else f"{text}\n\n{other}"


def _alone(text: str, other: str, rng: random.Random) -> str:
    return text


_FORMS: tuple[Callable[[str, str, random.Random], str], ...] = (
    _as_json, _as_review, _as_mail, _as_page, _as_prose, _alone,
)  # fmt: skip
