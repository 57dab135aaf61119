import sqlite3
from collections import Counter
from contextlib import closing
from itertools import islice

import pytest

from genai.agents.actions import FinalAnswer, ToolAction, parse_action
from genai.analyst.analyst import INSTRUCTION
from genai.tools.sql_guard import SQLGuard
from genai.tools.sqlite import SQLiteDatabase
from sample_bank.training.declined import REASONS
from sample_bank.training.generator import AGENT, FORMS, ONLY_SQL, Example, examples, samples
from sample_bank.training.numbers import TENS, WORDS
from sample_bank.training.query import Copied
from tests.support.bank import bank_path

MADE = list(examples(5, 3000))
ANSWERED = [example for example in MADE if example.sql]


def test_the_same_seed_gives_the_same_questions() -> None:
    assert list(examples(5, 100)) == MADE[:100]
    assert list(examples(6, 100)) != MADE[:100]


def test_every_form_and_many_levels_are_there() -> None:
    forms = Counter(example.form for example in MADE)
    levels = Counter(example.level for example in MADE)

    assert set(forms) == {form.__name__ for form, _ in FORMS} | {"declined"}
    assert all(levels[level] > 50 for level in range(6))


def test_hardly_any_question_is_asked_twice() -> None:
    assert len({example.prompt for example in MADE}) > 0.93 * len(MADE)


async def test_every_query_passes_the_guard() -> None:
    guard = SQLGuard("sqlite", await SQLiteDatabase(bank_path()).async_schema())

    for example in ANSWERED[:600]:
        assert example.sql
        assert guard.check(example.sql, 50)


def test_every_query_runs() -> None:
    with closing(sqlite3.connect(f"{bank_path().as_uri()}?mode=ro", uri=True)) as connection:
        for example in ANSWERED:
            assert connection.execute(f"EXPLAIN {example.sql}").fetchall()


def test_most_queries_find_something() -> None:
    with closing(sqlite3.connect(f"{bank_path().as_uri()}?mode=ro", uri=True)) as connection:
        found = [
            connection.execute(str(example.sql)).fetchmany(1) not in ([], [(None,)])
            for example in ANSWERED[:300]
        ]

    assert sum(found) > 0.7 * len(found)


@pytest.mark.parametrize("example", ANSWERED[:40], ids=lambda example: example.form)
def test_a_completion_is_a_call_of_the_sql_tool(example: Example) -> None:
    action = parse_action(example.completion)

    assert isinstance(action, ToolAction)
    assert action.action == "sql"
    assert action.arguments == {"query": example.sql}


def test_a_declined_question_gets_an_answer_without_a_number() -> None:
    declined = [parse_action(example.completion) for example in MADE if not example.sql]

    assert {a.answer for a in declined if isinstance(a, FinalAnswer)} == set(REASONS)
    assert not any(character.isdigit() for reason in REASONS for character in reason)


def test_what_is_copied_stands_in_the_question() -> None:
    words = {str(number): word for number, word in (*enumerate(WORDS), *TENS.items())}
    relative = {"2024", "2025", "2026", "2027", "2028", "1"}  # "last year", "the largest loan"
    for example in ANSWERED:
        said = example.prompt.lower().replace(",", "").replace("'", "")
        for piece in example.pieces:
            if isinstance(piece, Copied) and piece not in relative:
                copied = piece.strip()
                assert copied in said or words.get(copied, "?") in said, example


def test_samples_differ_and_are_conversations() -> None:
    made = list(islice(samples(5, 500), 400))

    assert len({sample.id for sample in made}) == 400
    assert [m.role for m in made[0].messages] == ["system", "user", "assistant"]
    assert made[0].messages[1].content == MADE[0].prompt


def test_who_is_no_agent_is_told_what_the_model_is_for() -> None:
    told = [s.messages for s in samples(5, 500) if s.messages[0].role == "user"]

    assert 5 <= len(told) <= 30
    assert {messages[-1].content for messages in told} == {ONLY_SQL}


def test_an_agents_prompt_says_what_the_template_looks_for() -> None:
    assert "Observation:" in AGENT
    assert "Observation:" in INSTRUCTION
