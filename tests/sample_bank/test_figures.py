"""The questions about figures that measure an agent: each expected query finds something."""

import sqlite3
from contextlib import closing
from pathlib import Path

from genai.evaluation.examples import read_examples
from sample_bank.training.generator import examples
from tests.support.bank import bank_path

FOLDER = Path(__file__).parents[2] / "sample_bank/evaluation"
FIGURES = [
    *read_examples(FOLDER / "figures.jsonl"),
    *read_examples(FOLDER / "figures_unseen.jsonl"),
    *read_examples(FOLDER / "figures_more.jsonl"),
]


def test_every_expected_query_finds_rows() -> None:
    with closing(sqlite3.connect(f"{bank_path().as_uri()}?mode=ro", uri=True)) as connection:
        for one in FIGURES:
            if one.expected_sql:
                assert connection.execute(one.expected_sql).fetchall(), one.input


def test_a_question_has_an_expected_query_or_no_answer() -> None:
    assert all(bool(one.expected_sql) == one.answerable for one in FIGURES)
    assert sum(one.answerable for one in FIGURES) > 200


def test_the_generator_does_not_ask_the_questions_that_measure() -> None:
    asked = {one.prompt.lower().rstrip("?. ") for one in examples(0, 20_000)}
    same = [one.input for one in FIGURES if one.input.lower().rstrip("?. ") in asked]

    assert len(same) < 0.03 * len(FIGURES), same
