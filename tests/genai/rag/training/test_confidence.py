from collections.abc import Sequence
from pathlib import Path

import pytest

from genai.embeddings.hashing import HashEmbedder
from genai.messages import Passage
from genai.rag.evidence.confidence import AnswerFeatures
from genai.rag.permissions import Reader
from genai.rag.training.confidence import (
    NAMES,
    CalibrationPoint,
    LabelledEvidence,
    LabelledQuestion,
    known_questions,
    make_examples,
    rates,
    read_questions,
    train,
)

GOLD = Passage(
    document_id="fees",
    title="Fees",
    section="Gold",
    text="The Gold card costs 95 euros.",
    asked=("is the golden one dear?", "price?"),
)
BLUE = Passage(document_id="fees", title="Fees", section="Blue", text="The Blue card is free.")
ASKED = LabelledQuestion(
    id="1", question="What does the Gold card cost?", document_id="fees", section="Gold"
)


class FixedRetriever:
    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        return GOLD, BLUE


async def test_a_question_without_an_answer_counts_more_than_one_that_has_one() -> None:
    unanswered = LabelledQuestion(id="2", question="Who won the cup?", answerable=False)

    with_answer, without = await make_examples(
        FixedRetriever(), HashEmbedder(), [ASKED, unanswered], tenant="t", focus=5
    )

    assert (with_answer.answers, without.answers) == (True, False)
    assert with_answer.features.weighted_words > without.features.weighted_words
    assert without.weight > with_answer.weight


async def test_a_held_out_question_is_marked_as_one() -> None:
    held_out = ASKED.model_copy(update={"held_out": True})

    (only,) = await make_examples(FixedRetriever(), HashEmbedder(), [held_out], tenant="t", focus=5)

    assert only.held_out


def test_known_questions_are_those_that_say_enough_by_themselves() -> None:
    assert known_questions([GOLD, BLUE]) == ["is the golden one dear?"]


def likeness(asked: float, *, answers: bool) -> LabelledEvidence:
    features = AnswerFeatures(0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, asked=asked)
    return LabelledEvidence(features=features, answers=answers)


def of_likeness(values: Sequence[float], *, answers: bool) -> list[LabelledEvidence]:
    return [likeness(value, answers=answers) for value in values]


def test_what_tells_answers_apart_is_learnt() -> None:
    data = of_likeness([0.7, 0.8, 0.9], answers=True) + of_likeness([0.1, 0.2, 0.3], answers=False)

    weights = train(data * 10, lower=CalibrationPoint(0.4, 0.1), upper=CalibrationPoint(0.6, 0.1))

    assert weights["asked"] > 0
    assert weights.keys() == {*NAMES, "scale", "intercept"}
    assert rates(weights, data, 0.5, 0.5) == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(("least", "sure"), [(0.2, 0.7), (0.4, 0.6)])
def test_the_edges_lie_where_so_many_are_declined_and_so_many_are_told(
    least: float, sure: float
) -> None:
    answered = of_likeness([number / 400 for number in range(101, 501)], answers=True)
    others = of_likeness([number / 400 for number in range(1, 401)], answers=False)

    weights = train(
        answered + others, lower=CalibrationPoint(least, 0.1), upper=CalibrationPoint(sure, 0.1)
    )

    shares = rates(weights, answered + others, least, sure)
    assert shares.kept == pytest.approx(0.9, abs=0.02)
    assert shares.unguessed == pytest.approx(0.9, abs=0.02)
    assert shares.told < shares.kept
    assert shares.declined < shares.unguessed


def test_rates_tell_three_kinds_of_answers_apart() -> None:
    data = of_likeness([0.9, 0.5, 0.1], answers=True) + of_likeness([0.9, 0.5, 0.1], answers=False)
    weights = {"asked": 10.0, "scale": 1.0, "intercept": -5.0}

    assert rates(weights, data, 0.4, 0.6) == (0.333, 0.667, 0.667, 0.333)


async def test_a_question_for_which_another_document_was_found_is_not_learnt_from() -> None:
    elsewhere = ASKED.model_copy(update={"document_id": "loans"})

    learnt = await make_examples(FixedRetriever(), HashEmbedder(), [elsewhere], tenant="t", focus=5)

    assert learnt == []


def test_questions_are_read_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "Why?", "answerable": false}\n\n', encoding="utf-8")

    assert read_questions(path) == [LabelledQuestion(id="1", question="Why?", answerable=False)]
