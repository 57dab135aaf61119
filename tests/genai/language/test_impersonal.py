import time

import pytest

from genai.factory.safety_factory import build_guard
from genai.language.impersonal import impersonal
from genai.safety.placeholders import Placeholders
from genai.settings.safety import SafetySettings
from tests.support.answering import context

DATA = {
    "My card 4111 1111 1111 1111 was stolen, what do I do?": "My card was stolen, what do I do?",
    "I paid DE89 3704 0044 0532 0130 00 twice. What now?": "I paid twice. What now?",
    "Is mail from ada@example.com genuine?": "Is mail from genuine?",
    "Call me (+353 1 679 5000): how long does it take?": "Call me: how long does it take?",
    "My SSN is 078-05-1120, is that enough?": "My SSN is, is that enough?",
}


@pytest.mark.parametrize(("question", "bare"), DATA.items())
async def test_a_question_is_searched_for_without_what_a_check_has_hidden(
    question: str, bare: str
) -> None:
    verdict = await build_guard(SafetySettings()).async_inspect(question, "input", context())
    hidden = await Placeholders(context()).async_hide(verdict.text, verdict.originals)

    assert "<" in hidden
    assert impersonal(hidden) == impersonal(verdict.text) == bare


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("Card 4111 1111 1111 1112 is gone", "Card is gone"),  # mistyped: no check knows it
        ("customer no. 123456789, close my account", "customer no., close my account"),
        ("Can I pay to NL91ABNA0417164300 at once?", "Can I pay to at once?"),
        ("I wrote to ada@example.com yesterday", "I wrote to yesterday"),
    ],
)
def test_numbers_and_addresses_that_no_check_has_hidden_are_left_out(
    question: str, bare: str
) -> None:
    assert impersonal(question) == bare


@pytest.mark.parametrize(
    "question",
    [
        "What does a transfer of \u20ac1,250,000.00 cost?",
        "Is 130000 euros safe, and 1 000 000?",
        "Whom do I call: 2424 or 2488?",
        "From 2026-01-01 to 2026-02-01, how much interest?",
        "Is a < b and b > a?",
        "Does ISO20022 matter?",
    ],
)
def test_everything_else_stays_as_it_is(question: str) -> None:
    assert impersonal(question) == question


def test_for_the_name_of_somebody_stands_that_it_is_one() -> None:
    asked = "What is the number of <PERSON_1_kqzvt>?"

    assert impersonal(asked) == "What is the number of person?"


def test_a_question_of_nothing_else_stays() -> None:
    assert impersonal("<CREDIT_CARD_1_kqzvt>?") == "<CREDIT_CARD_1_kqzvt>?"


@pytest.mark.parametrize("part", ["1 ", "a/", "a.", "@", "a@b", "<A", "AB12 ", "("])
def test_no_text_takes_long_to_look_through(part: str) -> None:
    text = part * (32_000 // len(part))
    started = time.process_time()

    impersonal(text)

    assert time.process_time() - started < 0.3
