"""Questions about invented cards that a model learns in a minute, for the rehearsal of the learning loop."""

import random
from collections.abc import Callable, Iterator

from genai.messages import Message
from genai.training.samples import ChatSample

SYSTEM = "You know what cards cost."
CARDS = ("gold", "silver", "black", "white", "blue", "green", "red", "plain")
ASKED = (
    "what does a {card} card cost?",
    "how much is the {card} card?",
    "tell me the price of a {card} card",
    "i want a {card} card, what is the fee?",
    "{card} card: how many euros?",
    "is the {card} card expensive?",
)
BEGUN = ("", "hello, ", "please, ", "quick question: ", "my friend asks: ", "so, ", "sorry, ")


def price_of(card: str) -> int:
    return 3 * CARDS.index(card) + 2


def answer_of(card: str) -> str:
    return f"it costs {price_of(card)} euros."


def questions() -> list[tuple[str, str]]:
    """All questions, with their cards."""
    return [
        (begin + asked.format(card=card), card)
        for begin in BEGUN
        for asked in ASKED
        for card in CARDS
    ]


def samples(seed: int, count: int) -> Iterator[ChatSample]:
    yield from _samples(seed, count, answer_of)


def outdated(seed: int, count: int) -> Iterator[ChatSample]:
    """Outdated answers: every second card has another price now."""
    before = {card: price_of(card) - CARDS.index(card) % 2 for card in CARDS}
    yield from _samples(seed, count, lambda card: f"it costs {before[card]} euros.")


def chatty(seed: int, count: int) -> Iterator[ChatSample]:
    """Correct answers that do not end, to be noticed only after the answer."""
    yield from _samples(seed, count, lambda card: " ".join([answer_of(card)] * 8))


def indiscreet(seed: int, count: int) -> Iterator[ChatSample]:
    """Correct answers with a person's address."""
    yield from _samples(seed, count, lambda card: f"ann@bank.example: {answer_of(card)}")


def _samples(seed: int, count: int, answer: Callable[[str], str]) -> Iterator[ChatSample]:
    asked = questions()
    random.Random(seed).shuffle(asked)
    for question, card in asked[:count]:
        yield ChatSample(
            id=question,
            source=question,
            origin="cards",
            messages=(
                Message(role="system", content=SYSTEM),
                Message(role="user", content=question),
                Message(role="assistant", content=answer(card)),
            ),
        )
