import time

import pytest

from genai.rag.questions.introductions import without_introductions

ASKED = "what does a replacement card cost?"


@pytest.mark.parametrize(
    "introduction",
    [
        "My email is <EMAIL_ADDRESS_1_kqzvt>.",
        "My e-mail: ada@example.com.",
        "My date of birth is <DATE_1_kqzvt>,",
        "You can reach me at <PHONE_NUMBER_1_kqzvt>;",
        "I am <PERSON_1_kqzvt>, <IBAN_CODE_1_kqzvt>.",
        "I'm Ada Lovelace (<EMAIL_ADDRESS_1_kqzvt>) and",
        "My name is Ada.",
        "Good morning,",
        "Hello Harbour Bank team!",
        "I have been a loyal customer of Harbour Bank since 2015,",
        "I'm with you for ten years and",
    ],
)
def test_a_clause_that_only_introduces_the_asker_is_left_out(introduction: str) -> None:
    assert without_introductions(f"{introduction} {ASKED}") == ASKED


def test_it_is_left_out_after_the_question_too() -> None:
    asked = "What does a replacement card cost? My phone number is <PHONE_NUMBER_1_kqzvt>."

    assert without_introductions(asked) == "What does a replacement card cost?"


@pytest.mark.parametrize(
    "told",
    [
        "I am a student.",
        "I am a business customer,",
        "I'm German,",
        "My name is misspelt,",
        "My card <CREDIT_CARD_1_kqzvt> was stolen,",
        "I sent 500 euros to <IBAN_CODE_1_kqzvt>,",
        "Is <EMAIL_ADDRESS_1_kqzvt> genuine, and",
        "Hi, card stolen,",
    ],
)
def test_what_may_change_the_answer_stays(told: str) -> None:
    kept = without_introductions(f"{told} {ASKED}")

    assert told.removeprefix("Hi, ").removesuffix(" and") in kept


@pytest.mark.parametrize(
    "text",
    [
        "My SSN is <US_SSN_1_kqzvt>, is that enough?",
        "My email is <EMAIL_ADDRESS_1_kqzvt>, how can I change it?",
        "My name is Ada.",
        "Hello, how are you?",
    ],
)
def test_an_introduction_stays_where_the_rest_refers_to_it_or_says_nothing(text: str) -> None:
    assert without_introductions(text) == text


@pytest.mark.parametrize("part", ["My name is ", "Ada ", "<A", "i'm a customer ", " - ", "a, "])
def test_no_text_takes_long_to_look_through(part: str) -> None:
    started = time.process_time()

    without_introductions(part * (32_000 // len(part)))
    without_introductions(part * (990 // len(part)))

    assert time.process_time() - started < 0.3
