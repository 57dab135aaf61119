import time

import pytest

from genai.rag.demands.waiting import asks_how_long, tells_how_long


@pytest.mark.parametrize(
    "question",
    [
        "How long does that take?",
        "how long does it usually take to get a mortgage",
        "How quickly is a payment refunded, or does it take weeks? How soon does it take effect?",
        "I paid twice, how long will it take?",
    ],
)
def test_how_long_something_takes_is_asked(question: str) -> None:
    assert asks_how_long(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long do I have to dispute a payment?",
        "How long may I take to decide?",
        "How long is the offer valid?",
        "How long do you keep my data?",
        "How long can a trip be?",
        "What does it take to open an account?",
    ],
)
def test_how_long_one_may_do_it_or_it_lasts_is_another_question(question: str) -> None:
    assert not asks_how_long(question)


@pytest.mark.parametrize(
    "text",
    [
        "After the valuation the binding answer comes within 10 business days.",
        "A decision takes 15 minutes online and is valid for 90 days.",
        "Change the limit in the app under Cards; it works immediately.",
        "Most disputes end within 90 days.",
        "The decision is usually immediate.",
        "Open the account in the app in about 10 minutes, or in a branch.",
        "It reaches the other bank on the next business day at the latest, if you send it before noon.",
        "Request: Change of name; Usual time: 2 business days",
    ],
)
def test_a_sentence_says_how_long_something_takes(text: str) -> None:
    assert tells_how_long(text)


@pytest.mark.parametrize(
    "text",
    [
        "Open a dispute within 120 days of the payment.",
        "Tell us a new address within 30 days.",
        "A mortgage can be taken along to a new home if you buy within 6 months.",
        "A temporary increase ends by itself after 7 days.",
        "Goods are insured for 90 days.",
        "If the card has not come after 10 business days, report it.",
        "For flights the latest date is 540 days after the payment.",
        "You may withdraw within 14 days of signing.",
        "Bring the account back within the limit within 14 days. We remind you after 14 days.",
        "The fee is 9 euros.",
    ],
)
def test_deadlines_conditions_and_validity_are_not_how_long_something_takes(text: str) -> None:
    assert not tells_how_long(text)


def test_a_long_sentence_is_read_in_linear_time() -> None:
    started = time.perf_counter()

    tells_how_long("open your " * 20_000)
    asks_how_long("how long " * 20_000)

    assert time.perf_counter() - started < 10
