import pytest

from genai.analyst import vocabulary
from genai.analyst.compositions.derived import Derivation
from tests.support.named_things import find

WORDS = vocabulary.Derived(
    measures=("prices?",), everything=("shops",), spending="How much was paid", spent="x", net="y"
)
DERIVATION = Derivation(WORDS, ["balls"])


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Compare the number of red and blue balls in Rome.",
            ("number of red balls in Rome?", "number of blue balls in Rome?"),
        ),
        (
            "Compare Rome and Oslo: number of balls in each",
            ("number of balls Rome?", "number of balls Oslo?"),
        ),
        (
            "red balls vs blue balls",
            ("How many red balls are there?", "How many blue balls are there?"),
        ),
        (
            "Did we win more balls in 2024 or in 2025?",
            ("How many balls did we win in 2024?", "How many balls did we win in 2025?"),
        ),
        (
            "How much higher is the price of red balls than that of blue balls?",
            ("What is the price of red balls?", "What is the price of blue balls?"),
        ),
        (
            "By how much does the average price in Rome exceed that in Oslo?",
            ("What is the average price in Rome?", "What is the average price in Oslo?"),
        ),
        (
            "How did prices in May 2026 compare with April 2026?",
            ("prices in May 2026?", "prices in April 2026?"),
        ),
        (
            "What is the ratio of red to blue balls?",
            ("How many red balls are there?", "How many blue balls are there?"),
        ),
        (
            "How many red balls per blue ball?",
            ("How many red balls?", "How many blue ball?"),
        ),
        (
            "What percentage of red balls are large?",
            ("How many red balls are large?", "How many red balls are there?"),
        ),
        (
            "Share of balls per size",
            ("Number of balls by size",),
        ),
        (
            "net cash flow of all shops in May 2026",
            ("How much was paid in May 2026?",),
        ),
        (
            "net inflow of the red balls in May 2026",
            ("How much was paid from red balls in May 2026?",),
        ),
        (
            "How much more money came in than went out in May 2026?",
            ("How much was paid in May 2026?",),
        ),
        (
            "I was wondering, what is the largest of the red balls, can you check?",
            ("What is the largest of the red balls?",),
        ),
        (
            "On which weekday are most balls sold?",
            ("Which month are most balls sold?",),
        ),
    ],
)
def test_a_form_that_no_model_was_taught_becomes_others(
    question: str, asked: tuple[str, ...]
) -> None:
    assert [one.questions for one in DERIVATION.ways(question, find)] == [asked]


@pytest.mark.parametrize(
    "question",
    [
        "How many red balls are large?",
        "balls by size",
        "red ones",
        "Of the red ones, how many are large?",
        "Without the broken ones, how many are large?",
    ],
)
def test_a_plain_question_stays_one(question: str) -> None:
    assert not list(DERIVATION.ways(question, find))


def test_without_words_for_money_nothing_flows() -> None:
    assert not list(Derivation(vocabulary.Derived(), []).ways("net flow in May 2026", find))


def test_a_question_is_asked_in_words_that_the_model_reads_better() -> None:
    words = vocabulary.Derived.model_validate(
        {"reworded": [{"asked": r"\bwill (?=roll\b)", "instead": ""}]}
    )
    ways = [
        [way.questions[0] for way in Derivation(words, ["balls"]).ways(question, find)]
        for question in (
            "How many balls will roll?",
            "What is the number of balls in Rome?",
            "How long does a ball roll on average, in days?",
        )
    ]

    assert ways == [
        ["How many balls roll?"],
        ["How many balls in Rome?"],
        ["How long does a ball roll on average?"],
    ]


def test_a_median_is_made_of_an_average_that_nobody_asked_for_besides() -> None:
    def ways(question: str) -> list[tuple[str, ...]]:
        return [way.questions for way in DERIVATION.ways(question, find)]

    assert ways("Median price of balls?") == [("average price of balls?",)]
    assert not ways("The median, no, just the mean price of balls?")
