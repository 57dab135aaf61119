"""The sample bank's documents answer what customers ask, and nothing is made up beside them.

Nothing was learnt from the questions that are asked here (see `jobs.train_confidence`).
"""

import time
from pathlib import Path

import pytest

from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.minilm import MiniLMEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, load_vectors
from genai.factory.safety_factory import build_guard
from genai.llms.extractive import ExtractiveLLM
from genai.messages import Draft, Question, RequestContext, Turn
from genai.prompts.template import load_prompt
from genai.rag.answerer import RAGAnswerer
from genai.rag.ingestion.documents import read_documents
from genai.rag.training.confidence import LabelledQuestion, read_questions
from genai.settings.documents import MiniLMSettings, RAGSettings
from genai.settings.models import ExtractiveSettings
from genai.settings.safety import SafetySettings

pytest.importorskip("lancedb")

from genai.rag.storage.lancedb_store import LanceDBStore

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = RAGSettings()
RIGHT, TOLD, NOT_TOLD, DECLINED = 0.91, 0.75, 0.97, 0.85
"""The share whose document is cited, that are told without a doubt, and, of those without an answer, that
are not, and that are declined without a quote.
"""

HELD_OUT = [q for q in read_questions(ROOT / "sample_bank/questions.jsonl") if q.held_out]

FOLLOW_UPS = [
    ("What is the fee of the Gold card?", "And the interest on it?", "credit-cards"),
    ("How much does a Plus account cost?", "And the Everyday account?", "current-accounts"),
    ("I lost my debit card", "How much does a new one cost?", "lost-stolen-cards"),
    ("Can my daughter open a youth account?", "Does she get a card with it?", "youth-student"),
    ("How long does an international transfer take?", "And what does it cost?", "international"),
    ("What interest do I pay on an arranged overdraft?", "What about unarranged?", "overdrafts"),
    ("How do I get a mortgage?", "Which insurance do I need for it?", "mortgages"),
    ("Can I repay my personal loan early?", "Is there a charge for that?", "personal-loans"),
    ("How do I send money instantly?", "What's the limit?", "instant-transfers"),
    ("How do I dispute a card payment?", "How long does it take?", "disputes-chargebacks"),
    ("Can I change my PIN?", "Where do I do that?", "pin-and-online-confirmation"),
    ("How do I order a large amount of cash?", "By when?", "cash-atms"),
    ("I sent money to the wrong account", "Can I get it back?", "wrong-transfers"),
    ("What are the branch opening hours?", "And on Saturdays?", "opening-hours-contact"),
]
UNRELATED = "What is the fee for withdrawing cash abroad?"


async def an_answerer(folder: Path) -> RAGAnswerer:
    vectors = load_vectors(ROOT / SETTINGS.vectors, MiniLMSettings.name)
    embedder = CachedEmbedder(PrecomputedEmbedder(MiniLMEmbedder(MiniLMSettings()), vectors))
    store = LanceDBStore(folder, embedder, chunk_tokens=SETTINGS.chunk_tokens)
    await store.async_publish(read_documents(ROOT / SETTINGS.documents))
    llm = ExtractiveLLM("extractive", ExtractiveSettings(backend="extractive"), embedder)
    return RAGAnswerer(
        store, embedder, llm, load_prompt("rag"), SETTINGS, build_guard(SafetySettings())
    )


async def answer(rag: RAGAnswerer, asked: str, *, after: str = "") -> Draft:
    context = RequestContext(request_id="r", tenant="t", user="u", deadline=time.time() + 60)
    turns = (Turn(role="user", content=after), Turn(role="assistant", content="I see."))
    history = turns if after else ()
    return await rag.async_answer(Question(text=asked, history=history, context=context))


def cites_its_document(draft: Draft, asked: LabelledQuestion) -> bool:
    return asked.document_id in {citation.document_id for citation in draft.citations}


def share(values: list[bool]) -> float:
    return sum(values) / len(values)


@pytest.mark.timeout(600)
async def test_questions_nobody_learnt_from_are_answered_from_the_right_document_or_declined(
    tmp_path: Path,
) -> None:
    rag = await an_answerer(tmp_path)
    drafts = [(asked, await answer(rag, asked.question)) for asked in HELD_OUT]

    right = [cites_its_document(draft, asked) for asked, draft in drafts if asked.answerable]
    told = [draft.certainty == "certain" for asked, draft in drafts if asked.answerable]
    not_told = [draft.certainty != "certain" for asked, draft in drafts if not asked.answerable]
    declined = [draft.certainty == "unknown" for asked, draft in drafts if not asked.answerable]

    assert len(right) >= 100
    assert len(declined) >= 45
    assert share(right) >= RIGHT
    assert share(told) >= TOLD
    assert share(not_told) >= NOT_TOLD
    assert share(declined) >= DECLINED
    assert all((draft.certainty == "unknown") is not draft.citations for _, draft in drafts)


@pytest.mark.timeout(600)
async def test_a_follow_up_is_answered_from_the_document_that_it_is_about(tmp_path: Path) -> None:
    rag = await an_answerer(tmp_path)

    missed = [
        text
        for before, text, document in FOLLOW_UPS
        if not any(
            citation.document_id.startswith(document)
            for citation in (await answer(rag, text, after=before)).citations
        )
    ]

    assert missed == []


@pytest.mark.timeout(600)
async def test_a_whole_question_is_answered_alike_after_an_unrelated_one(tmp_path: Path) -> None:
    rag = await an_answerer(tmp_path)

    changed = [
        asked.question
        for asked in HELD_OUT[::3]
        if (await answer(rag, asked.question, after=UNRELATED)).text
        != (await answer(rag, asked.question)).text
    ]

    assert changed == []


def test_no_known_question_is_too_like_one_that_is_held_out() -> None:
    """Else the test above would test nothing."""
    known = {
        " ".join(line.lower().split()).rstrip("?.!")
        for path in (ROOT / SETTINGS.documents).glob("*.md")
        for line in path.read_text(encoding="utf-8").splitlines()
    }

    assert not known & {q.question.lower().rstrip("?.!") for q in HELD_OUT}
