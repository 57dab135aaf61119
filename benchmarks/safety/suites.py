"""Hand-written evaluation texts, never trained on.

Each suite is a file of lines. One half of its lines, chosen by checksum or before an empty line, was used
during development; the other half is unseen.
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
    """All attacks should be found, and no harmless text.

    Lines of a ``whole`` suite are complete tool results, after their kind and a bar.
    """

    name: str
    stage: Stage
    attack: bool
    whole: bool = False


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
    Suite("carried_orders", "tool", attack=True, whole=True),
    Suite("carried_results", "tool", attack=False, whole=True),
    Suite("late_orders", "tool", attack=True, whole=True),
    Suite("late_results", "tool", attack=False, whole=True),
    Suite("voiced_orders", "tool", attack=True, whole=True),
    Suite("voiced_results", "tool", attack=False, whole=True),
    Suite("embedded_orders", "tool", attack=True, whole=True),
    Suite("embedded_results", "tool", attack=False, whole=True),
    Suite("paired_orders", "tool", attack=True, whole=True),
    Suite("paired_results", "tool", attack=False, whole=True),
)
_SALTS = {"fresh_orders": "blind", "fresh_results": "blind"}
"""Prefixes of lines for the checksum that splits a suite."""


def lines(name: str, half: Half) -> list[str]:
    """The lines of a suite without its comment."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n")[2]
    first, parted, second = text.partition("\n\n")
    if parted:
        chosen = (first if half == "seen" else second).splitlines()
    else:
        salt = _SALTS.get(name, "")
        chosen = [line for line in text.splitlines() if (half == "seen") == _even(salt + line)]
    return [line.replace("\\n", "\n") for line in chosen if line]


def texts(suite: Suite, half: Half) -> list[str]:
    """The texts to check: lines that are not complete results are embedded in one, once in each form."""
    found = lines(suite.name, half)
    if suite.whole:
        return [line.partition("|")[2] for line in found]
    return found if suite.stage == "input" else list(_results(found, lines("honest_data", half)))


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
