"""Clients that ask continuously, and check the answers."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sample_bank import cards

OTHERS = Path(__file__).resolve().parents[2] / "sample_bank/evaluation/documents.jsonl"

CLIENTS = 2
PAUSE_S = 0.2


@dataclass(slots=True)
class Clients:
    """The outcomes of the clients so far; ``failed`` has error codes. When ``moved`` is set, they ask
    about the bank instead of its cards.
    """

    moved: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)
    broken: BaseException | None = None


def turns(number: int, clients: Clients) -> Iterator[tuple[int, str, str]]:
    """Yields number, question and expected answer for each turn of a client, until it must stop."""
    asked = cards.questions()
    others = [json.loads(line)["input"] for line in OTHERS.read_text().splitlines()]
    turn = number
    while not clients.stop.is_set():
        question, card = asked[(turn * 37) % len(asked)]
        if clients.moved.is_set():
            yield turn, others[turn % len(others)], "?"
        else:
            yield turn, question, cards.answer_of(card)
        turn += CLIENTS


@contextmanager
def in_thread(work: Callable[[Clients], None], clients: Clients) -> Iterator[Clients]:
    """Run ``work`` in a thread during the block, which begins once ``clients.ready`` is set."""

    def run() -> None:
        try:
            work(clients)
        except BaseException as error:
            clients.broken = error
            clients.ready.set()

    thread = threading.Thread(target=run, name="clients")
    thread.start()
    clients.ready.wait()
    try:
        yield clients
    finally:
        clients.stop.set()
        thread.join()
        if clients.broken is not None:
            raise clients.broken
