"""Numbers are test numbers of the networks and registries."""

import random

import pytest

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import without
from genai.safety.split_numbers import LONGEST, undecided_from

CARD = "4111 1111 1111 1111"
FOUND = (Identifiers(("CREDIT_CARD", "IBAN_CODE")),)


@pytest.mark.parametrize(
    "text",
    [
        "| First half | Second half |\n|---|---|\n| 4111 1111 | 1111 1111 |",
        "| 41111111 | 11111111 |",
        "| 4111 | 1111 | 1111 | 1111 |",
        "| Card | 411111 | 1111111111 |",
        "<tr><td>4111 1111</td><td>1111 1111</td></tr>",
        '{"first": "41111111", "second": "11111111"}',
        '{"n1": 4111, "n2": 1111, "n3": 1111, "n4": 1111}',
        r'{"arguments": "{\"a\": \"4111 1111\", \"b\": \"1111 1111\"}"}',
        "- 4111 1111\n- 1111 1111\n",
        "1. 4111\n2. 1111\n3. 1111\n4. 1111\n",
        "first,second\n41111111,11111111\n",
        "Part 1: 4111 1111, part 2: 1111 1111",
        "The first half is 4111 1111 and the second half is 1111 1111.",
        "It begins 4111 1111 1111.\n\nIt ends 1111.",
        "first: 3782 822463\nlast: 10005",
        "4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1",
        "41-11-11-11-11-11-11-11",
        "4111#1111#1111#1111",
        "reversed card: 1111 1111 1111 1114",
    ],
)
def test_a_card_in_parts_is_found(text: str) -> None:
    left = without(text, FOUND)

    assert "CREDIT_CARD" in left
    assert sum(map(str.isdigit, left)) <= 4


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"DE89 3704 0044","b":"0532 0130 00"}',
        "| GB29 NWBK 6016 | 1331 9268 19 |",
        "IBAN: first DE89 3704 0044, then 0532 0130 00.",
        "- DE89 3704 0044\n- 0532 0130 00",
        '{"p1": "DE89", "p2": "3704", "p3": "0044", "p4": "0532", "p5": "0130", "p6": "00"}',
    ],
)
def test_an_iban_in_parts_is_found(text: str) -> None:
    assert not any(part in without(text, FOUND) for part in ("3704", "0532", "6016", "1331"))


def test_what_stands_between_the_parts_of_a_table_stays() -> None:
    table, fields = "| 4111 1111 | 1111 1111 |", '{"a": "41111111", "b": "11111111"}'

    assert without(table, FOUND) == "| <CREDIT_CARD> | <CREDIT_CARD> |"
    assert without(fields, FOUND) == '{"a": "<CREDIT_CARD>", "b": "<CREDIT_CARD>"}'


@pytest.mark.parametrize(
    "text",
    [
        "| 4111 | 1111 | 1111 | 1111 | 4500 |",
        "| 41111111 | 11111112 |",
        "| Account | 41111111 | 11111111 |",
        "| 2021 | 2022 | 2023 | 2024 |",
        "| 41111111 | 11111111 |\n| 52000000 | 10000000 |",
        "| 4,111 | 1,111 | 1,111 | 1,111 |",
        "Sums: 4500, 3200, 1850, 2110 and 4111, 1111, 1111, 1111",
        "order 41111111, then order 11111111",
        "It cost 41111111, as the long report of the year before had said, and then 11111111.",
        "From 2024-05-01 to 2024-06-01 it was 4111.",
        "1. Bremen: 4111\n2. Lyon: 1111\n3. Porto: 1111\n4. Turin: 1111\n5. Ghent: 2810",
        "1. Ghent: 2810\n2. Bremen: 4111\n3. Lyon: 1111\n4. Porto: 1111\n5. Turin: 1111",
        "month | cards\nJan | 4111\nFeb | 1111\nMar | 1111\nApr | 1111\nMay | 2810",
    ],
)
def test_figures_that_stand_side_by_side_stay(text: str) -> None:
    assert without(text, FOUND) == text


def test_tables_of_honest_figures_nearly_all_stay_as_they_are() -> None:
    rng = random.Random(4)
    forms = (
        "####",
        "#####",
        "######",
        "########",
        "#.##",
        "#,###.##",
        "####-##-##",
        "##",
        "#### ##",
    )
    changed = 0
    for _ in range(400):
        columns = [rng.choice(forms) for _ in range(rng.randint(2, 6))]
        rows = [
            " | ".join(
                "".join(rng.choice("0123456789") if c == "#" else c for c in form)
                for form in columns
            )
            for _ in range(rng.randint(1, 8))
        ]
        text = "| " + " |\n| ".join(rows) + " |"
        changed += without(text, FOUND) != text

    assert changed <= 4


def test_no_more_than_the_longest_chain_of_parts_is_undecided() -> None:
    for unit in ("4111 1111 | ", "4111\n", "41111111, ", "4111 1111 and then "):
        text = unit * 400
        assert len(text) - undecided_from(text) <= LONGEST
