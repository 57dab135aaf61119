from collections.abc import Sequence
from pathlib import Path

from genai.embeddings.hashing import HashEmbedder
from genai.messages import Passage
from genai.rag.confidence import Features
from genai.rag.permissions import Reader
from genai.rag.training import (
    Example,
    LabelledQuestion,
    make_examples,
    rates,
    read_questions,
    train,
)

GOLD = Passage(
    document_id="fees", title="Fees", section="Gold", text="The Gold card costs 95 euros."
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


async def examples(*questions: LabelledQuestion) -> list[Example]:
    return await make_examples(FixedRetriever(), HashEmbedder(), questions, tenant="t", focus=5)


async def test_a_question_teaches_with_its_answer_and_a_little_without_it() -> None:
    with_answer, without = await examples(ASKED)

    assert (with_answer.answers, without.answers) == (True, False)
    assert with_answer.features.weighted_words > without.features.weighted_words
    assert with_answer.weight > without.weight


async def test_a_held_out_question_teaches_nothing_and_is_asked_once() -> None:
    (only,) = await examples(ASKED.model_copy(update={"held_out": True}))

    assert (only.held_out, only.answers) == (True, True)


def likeness(asked: float, *, answers: bool) -> Example:
    features = Features(0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, asked=asked)
    return Example(features=features, answers=answers)


def of_likeness(values: Sequence[float], *, answers: bool) -> list[Example]:
    return [likeness(value, answers=answers) for value in values]


def test_what_tells_answers_apart_is_learnt() -> None:
    data = of_likeness([0.7, 0.8, 0.9], answers=True) + of_likeness([0.1, 0.2, 0.3], answers=False)

    weights = train(data)

    assert weights["asked"] > 0
    assert rates(weights, data, 0.5) == (1.0, 1.0)


def test_rates_are_shares_of_the_answered_and_of_the_declined() -> None:
    data = of_likeness([0.9, 0.1], answers=True) + of_likeness([0.2, 0.3], answers=False)

    assert rates({"asked": 10.0, "intercept": -5.0}, data, 0.5) == (0.5, 1.0)


def test_questions_are_read_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "Why?", "answerable": false}\n\n', encoding="utf-8")

    assert read_questions(path) == [LabelledQuestion(id="1", question="Why?", answerable=False)]
