import time

import pytest

from genai.worked_examples.ordering import (
    MAX_CHARS,
    ParsedOrder,
    complete_order,
    is_ordered,
    parse_orders,
)
from genai.worked_examples.orders import Order, OrderSlot

BLOCK = Order(
    tool="block",
    doing=("block",),
    thing=r"(?:my )?cards?",
    slots={"card": OrderSlot(missing="Which card?")},
)
SEND = Order(
    tool="send",
    doing=("send",),
    thing="accounts?",
    slots={
        "what": OrderSlot(missing="What?", values={"letter": ("letters?",), "card": ("cards?",)}),
        "account": OrderSlot(missing="To whom?"),
    },
)
ORDERS = [BLOCK, SEND]


def block(card: int) -> ParsedOrder:
    return ParsedOrder("block", {"card": card})


def send(what: str, account: int) -> ParsedOrder:
    return ParsedOrder("send", {"what": what, "account": account})


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
def test_several_orders_are_parsed(text: str, ordered: list[ParsedOrder]) -> None:
    assert list(parse_orders(text, ORDERS)) == ordered


@pytest.mark.parametrize(
    "text",
    [
        "Block card 7 and account 8",
        "Block card 7 but not card 8",
        "Block card 7 or card 8",
        "Block card 7 and close my account",
        "Block card 7 and tell me what a new one costs",
        "How do I block card 7 and card 8?",
    ],
)
def test_a_text_with_more_than_orders_has_none(text: str) -> None:
    assert parse_orders(text, ORDERS) == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Block my card", [("Which card?",)]),
        ("Send letter", [("To whom?",)]),
        ("Send letters to account 5, and block my card", [(), ("Which card?",)]),
        ("Send to accounts 5 and 6", [("What?",), ("What?",)]),
        ("Block card 51,784", [("Which card?",)]),
        ("Block card -7", [("Which card?",)]),
        ("Block card 7 and -8", [("Which card?",)]),
        ("Send letter to account 5, and block card 51,784", [(), ("Which card?",)]),
    ],
)
def test_missing_arguments_are_asked_for(text: str, missing: list[tuple[str, ...]]) -> None:
    assert [one.missing for one in parse_orders(text, ORDERS)] == missing


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        ("Block my card.", "7", "Block my card, 7"),
        ("Please block my card", "It is card 7.", "Please block my card, It is card 7."),
        ("Send to account 5!", "letter", "Send to account 5, letter"),
        ("Block card -7", "7", "Block card, 7"),
        ("Block card 51,784.", "51784", "Block card, 51784"),
        ("Block my card", "Send letter to account 5", None),
        ("Block my card", "How many cards are there?", None),
        ("Block card 7", "8", None),
        ("How many cards are there?", "7", None),
    ],
)
def test_a_missing_argument_completes_the_previous_order(
    before: str, text: str, whole: str | None
) -> None:
    assert complete_order(text, before, ORDERS) == whole


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (["Block card 7"], True),
        (["How many cards are there?", "Block my card", "7"], True),
        (["Send letter", "account 5"], True),
        (["Send", "letter", "account 5"], False),
        (["Block card 7", "8"], False),
        (["Block my card", "What does a card cost?"], False),
        ([], False),
    ],
)
def test_the_last_of_several_texts_may_be_an_order(texts: list[str], ordered: bool) -> None:
    assert is_ordered(texts, ORDERS) == ordered


def test_parsing_takes_little_time_for_any_text() -> None:
    texts = [
        "block card 7 and " * 40_000,
        ("block card 7 and " * MAX_CHARS)[:MAX_CHARS],
        "7, " * 160,
    ]
    started = time.process_time()

    for text in texts:
        parse_orders(text, ORDERS)

    assert time.process_time() - started < 0.2
