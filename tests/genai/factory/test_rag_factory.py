from pathlib import Path

import pytest

pytest.importorskip("lancedb")

from genai.embeddings.hashing import HashEmbedder
from genai.factory.llm_factory import build_llms
from genai.factory.rag_factory import build_rag, build_store
from genai.rag.base import Document
from genai.settings import Settings
from tests.support.answering import question


def settings(folder: Path) -> Settings:
    llms = {"bank": {"backend": "scripted"}, "extractive": {"backend": "extractive"}}
    return Settings.model_validate(
        {
            "llms": {**llms, "analyst": {"backend": "scripted"}},
            "rag": {"store": str(folder / "store"), "llm": "extractive"},
        }
    )


async def test_what_is_stored_is_answered_with_a_citation(tmp_path: Path) -> None:
    configured = settings(tmp_path)
    embedder = HashEmbedder()
    llm = build_llms(configured, embedder, ["extractive"])["extractive"]
    fees = Document(id="fees", title="Fees", text="The fee of the Gold card is 95 euros.")

    await build_store(configured, embedder).async_add("acme", [fees])
    rag = build_rag(configured, embedder, llm)
    draft = await rag.async_answer(question("What is the fee of the Gold card?"))

    assert draft.model == "extractive"
    assert [citation.quote for citation in draft.citations] == [fees.text]


def test_building_touches_no_disk(tmp_path: Path) -> None:
    build_store(settings(tmp_path), HashEmbedder())

    assert list(tmp_path.iterdir()) == []
