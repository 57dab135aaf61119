import time

import pytest

from genai.language.topic import counts_nothing, told_alone, topic


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What's the fee for a foreign transfer?", "a foreign transfer"),
        ("How long does a SEPA transfer take?", "a SEPA transfer"),
        ("How long does an international transfer usually take?", "an international transfer"),
        ("What does an extra debit card cost per year?", "an extra debit card"),
        ("What does it cost to replace a lost card?", "a lost card"),
        ("How do I order a second debit card?", "a second debit card"),
        ("Do you offer safe deposit boxes?", "safe deposit boxes"),
        ("How many loans are late?", "loans"),
        ("How many mortgages exist?", "mortgages"),
        ("Can a student have an overdraft?", "an overdraft"),
        ("Can I repay my car loan early?", "my car loan"),
        ("How much is it?", ""),
    ],
)
def test_a_question_is_about_the_thing_that_it_names(question: str, thing: str) -> None:
    assert topic(question) == thing


@pytest.mark.parametrize(
    ("question", "before", "alone"),
    [
        ("What does it cost?", "How long does a SEPA transfer take?", "What does a SEPA transfer cost?"),
        ("How long does it take?", "How do I dispute a card payment?",
         "How long does disputing a card payment take?"),
        ("How long does that usually take?", "How do I dispute a card payment?",
         "How long does disputing a card payment usually take?"),
        ("Is that free?", "Can I change my PIN?", "Is changing my PIN free?"),
        ("Does it cost anything?", "How long does disputing a card payment take?",
         "Does disputing a card payment cost anything?"),
        ("And how long does that take?", "Does raising my card limit cost anything?",
         "And how long does raising my card limit take?"),
        ("How long does one take?", "How many disputes are open?", "How long does disputes take?"),
        ("And if I lose it abroad?", "What does it cost to replace a lost card?",
         "And if I lose a lost card abroad?"),
        ("And its fee?", "How long does a SEPA transfer take?", "And a SEPA transfer's fee?"),
        ("What do they cost?", "Do you offer safe deposit boxes?", "What do safe deposit boxes cost?"),
        ("Who pays their fees?", "How many loans are late?", "Who pays loans's fees?"),
        ("And how many do we have?", "What does an extra debit card cost?",
         "And how many extra debit cards do we have?"),
        ("When do they open?", "How many branches are in Germany?", "When do branches open?"),
        ("how many closed last year?", "How many disputes were opened?",
         "how many disputes closed last year?"),
        ("how many of them are late?", "What does a mortgage cost?", "how many mortgages are late?"),
        ("How many were there?", "What is the fee for a box?", "How many boxes were there?"),
        ("How many do we have?", "What is the rate of a penalty?", "How many penalties do we have?"),
    ],
)  # fmt: skip
def test_a_word_that_stands_for_a_thing_is_told_as_that_thing(
    question: str, before: str, alone: str
) -> None:
    assert told_alone(question, before) == alone


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("And in Lisbon?", "How many customers live in Porto?"),
        ("What does it cost?", "How much is it?"),
        ("Does that card cost anything?", "How do I dispute a payment?"),
        ("What do they cost?", "How long does a SEPA transfer take?"),
        ("What does it cost?", "How many loans are late?"),
        ("What would that be per year?", "Can I get a card?"),
        ("What happens to those customers?", "How many loans are late?"),
    ],
)
def test_what_nothing_stands_for_is_left_as_it_is(question: str, before: str) -> None:
    assert told_alone(question, before) == question


def test_who_says_what_to_count_counts_something() -> None:
    assert counts_nothing("How many did we have last month?")
    assert counts_nothing("and how many?")
    assert not counts_nothing("How many cards did we have last month?")


@pytest.mark.parametrize("part", ["the ", "how many ", "a card of ", "it ", "does a ", "\n"])
def test_no_text_takes_long(part: str) -> None:
    started = time.process_time()

    told_alone(part * 4_000, part * 4_000)

    assert time.process_time() - started < 0.5
