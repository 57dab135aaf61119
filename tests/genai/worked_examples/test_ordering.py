import time

import pytest

from genai.worked_examples.library import Order
from genai.worked_examples.ordering import LONGEST, Ordered, orders_in

BLOCK = Order(
    tool="block",
    ask=(r"(?:please )?block (?:my )?cards? (?P<card>\d+)(?: please)?[.!?]*",),
    numbers=("card",),
)
SEND = Order(
    tool="send",
    ask=(r"send (?P<what>\w+) to accounts? (?P<account>\d+)[.!?]*",),
    numbers=("account",),
)


def block(card: int) -> Ordered:
    return Ordered("block", {"card": card})


def send(what: str, account: int) -> Ordered:
    return Ordered("send", {"what": what, "account": account})


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("Block card 7.", [block(7)]),
        ("Block card 7 and card 8", [block(7), block(8)]),
        ("Please block my cards 7, 8 and 9 please!", [block(7), block(8), block(9)]),
        ("block cards 7 & 8", [block(7), block(8)]),
        ("Block card 7, then block card 8", [block(7), block(8)]),
        ("Block card 7. Block card 8.", [block(7), block(8)]),
        ("Block card 7 as well as card 8", [block(7), block(8)]),
        ("Send letter to account 1 and block card 7", [send("letter", 1), block(7)]),
        ("Send letter to accounts 1 and 2, and block cards 7 and 8",
         [send("letter", 1), send("letter", 2), block(7), block(8)]),
        ("Block card 7 and card 7", [block(7)]),
    ],
)  # fmt: skip
def test_each_thing_that_is_ordered_is_read(text: str, ordered: list[Ordered]) -> None:
    assert list(orders_in(text, [BLOCK, SEND])) == ordered


@pytest.mark.parametrize(
    "text",
    [
        "Block card 7 and account 8",
        "Block card 7 but not card 8",
        "Block card 7 or card 8",
        "Block card 7 and close my account",
        "Block card 7 and tell me what a new one costs",
        "How do I block card 7 and card 8?",
        "Block my cards",
    ],
)
def test_a_text_that_says_more_than_orders_is_none(text: str) -> None:
    assert orders_in(text, [BLOCK, SEND]) == ()


def test_no_text_takes_long() -> None:
    texts = ["block card 7 and " * 40_000, ("block card 7 and " * LONGEST)[:LONGEST], "7, " * 160]
    started = time.process_time()

    for text in texts:
        orders_in(text, [BLOCK, SEND])

    assert time.process_time() - started < 0.2
