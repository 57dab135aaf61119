import numpy as np

from genai.embeddings.hashing import HashEmbedder
from genai.rag.base import Document
from genai.rag.retrieval.in_memory_retriever import InMemoryRetriever
from genai.rag.training.confidence import LabelledQuestion
from genai.rag.training.quotes import NAMES, LabelledUnits, make_choices, right_first, train_choice

FEES = Document(
    id="fees", title="Fees", text="# Fees\n\n## Gold\n\nThe Gold card is nice. It costs 95 euros."
)
ASKED = LabelledQuestion(
    id="1",
    question="What does the Gold card cost?",
    document_id="fees",
    section="Gold",
    expected_text="95 euros",
)


def choice(*rows: dict[str, float], answers: list[bool]) -> LabelledUnits:
    traits = np.array([[row.get(name, 0.0) for name in NAMES] for row in rows])
    return LabelledUnits(traits, np.array(answers), held_out=False)


async def test_a_choice_has_every_sentence_and_knows_which_of_them_answers() -> None:
    embedder = HashEmbedder()
    shelf = await InMemoryRetriever.of(embedder, [FEES], chunk_tokens=200)

    (made,) = await make_choices(shelf, embedder, [ASKED], tenant="t", focus=5)

    assert made.traits.shape == (2, len(NAMES))
    assert made.answers.tolist() == [False, True]


async def test_a_question_whose_answer_was_not_found_teaches_nothing() -> None:
    embedder = HashEmbedder()
    shelf = await InMemoryRetriever.of(embedder, [FEES], chunk_tokens=200)
    elsewhere = ASKED.model_copy(update={"document_id": "loans"})

    assert await make_choices(shelf, embedder, [elsewhere], tenant="t", focus=5) == []


def test_what_the_right_sentences_have_is_learnt() -> None:
    choices = [
        choice({"figure": 1.0, "cosine": 0.4}, {"cosine": 0.5}, answers=[True, False]),
        choice({"cosine": 0.5}, {"figure": 1.0, "cosine": 0.5}, answers=[False, True]),
    ]

    weights = train_choice(choices)

    assert weights["figure"] > 0
    assert right_first(weights, choices) == 1.0
    assert right_first({**weights, "figure": -9.0}, choices) == 0.0
