import pytest

from genai.language.openings import (
    asks,
    asks_whether,
    counts_alone,
    described,
    opening,
    orders,
    tells,
    without_lead,
)


@pytest.mark.parametrize(
    ("text", "rest", "led"),
    [
        ("I'd like to know what a transfer costs", "what a transfer costs", True),
        ("Hello, could you please tell me how long it takes", "how long it takes", True),
        ("I am wondering, can I cancel it", "can I cancel it", True),
        ("Hi, what does it cost", "what does it cost", False),
        ("What does it cost", "What does it cost", False),
        ("Tell me", "Tell me", False),
    ],
)
def test_a_lead_in_or_a_greeting_is_cut_off(text: str, rest: str, led: bool) -> None:
    assert without_lead(text) == (rest, led)


@pytest.mark.parametrize(
    "text",
    [
        "how much is it",
        "can I close it",
        "until when may I pay",
        "list the branches",
        "What's a SEPA",
    ],
)
def test_it_asks(text: str) -> None:
    assert asks(text)
    assert not tells(text)


@pytest.mark.parametrize(
    "text", ["my card is gone", "when I travel, I pay", "block card 50018", "don't ask", ""]
)
def test_it_does_not_ask(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("Is there a fee?", True),
        ("And can I cancel it?", True),
        ("Hello, do you insure horses?", True),
        ("Can you find the fee?", False),
        ("How much is it?", False),
        ("My card is gone", False),
    ],
)
def test_a_yes_no_question_begins_with_its_verb(text: str, whether: bool) -> None:
    assert asks_whether(text) is whether


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("block card 50018", True),
        ("close the account number 12", True),
        ("dispute the last payment to them 1,234,567", True),
        ("block my card", False),
        ("my card 50018 is gone", False),
        ("is card 50018 blocked", False),
        ("block card 2024", False),
        ("someone blocked 50018", False),
    ],
)
def test_an_order_names_an_object_by_its_number(text: str, order: bool) -> None:
    assert orders(text) is order


def test_a_heading_is_a_statement_even_if_it_reads_like_an_order() -> None:
    assert orders("dispute card 50018")
    assert not tells("dispute card 50018")
    assert tells("dispute card 50018:")
    assert tells("my card is gone")


@pytest.mark.parametrize(
    ("left", "joint", "right", "how"),
    [
        ("what does it cost", "and", "how long does it take", "strict"),
        ("what does it cost", "and", "is used abroad", None),
        ("list customers who live here", "and", "who have a loan", None),
        ("which customers live here", "and", "have a loan", None),
        ("which customers live here", ".", "Have they a loan", "strict"),
        ("what does it cost", ",", "which is a lot", None),
        ("what does it cost", "and", "when I travel abroad", None),
        ("what does it cost", "and", "so on", None),
        ("block card 7001", "and", "close account 12", "strict"),
        ("block card 7001", "and", "block card 7002", None),
        ("what is the fee for a transfer", "and", "the limit for a card", "loose"),
        ("what is the fee for a transfer", ",", "the limit for a card", None),
        ("what is the fee for a transfer", "and", "its limit", "loose"),
        ("my fee for a transfer", "and", "the limit for a card", None),
    ],
)
def test_a_clause_begins_anew_or_continues(
    left: str, joint: str, right: str, how: str | None
) -> None:
    assert opening(left, joint, right, led=False) == how


def test_after_a_lead_in_whether_begins_a_question() -> None:
    assert opening("what it costs", "and", "whether it is safe", led=True) == "strict"
    assert opening("what it costs", "and", "whether it is safe", led=False) is None
    assert opening("the fee", "and", "the limit for a card", led=True) == "loose"


def test_a_noun_phrase_with_a_complement_is_described() -> None:
    assert described("the fee for a transfer")
    assert not described("the fee")
    assert not described("what is the fee for a transfer")


@pytest.mark.parametrize(
    ("before", "text", "alone"),
    [
        ("how many cards are blocked", "how many loans are open", True),
        ("how many cards are blocked", "how many of those are gold", False),
        ("how many of these cards are blocked", "how many cards are gold", False),
        ("what does a card cost", "how many loans are open", True),
        ("what does a card cost", "how long does a card last", False),
        ("how many cards are blocked", "how many cards are gold", True),
        ("how many cards are blocked", "my loan is open", False),
    ],
)
def test_a_figure_stands_alone_if_it_refers_to_nothing_before(
    before: str, text: str, alone: bool
) -> None:
    assert counts_alone(before, text) is alone
