import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lancedb")

from genai.embeddings.hashing import HashEmbedder
from genai.errors import Misconfigured
from genai.factory.llm_factory import build_llms
from genai.factory.rag_factory import build_rag, build_store
from genai.rag.base import Document
from genai.rag.semantic_cache import SemanticCache
from genai.settings.application import Settings
from genai.settings.documents import RAGSettings
from tests.support.agents import CannedLLM
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


async def test_a_model_that_generates_sees_the_configured_examples(tmp_path: Path) -> None:
    file = tmp_path / "examples.yaml"
    shot = {"variables": {"question": "When?", "passages": "Now."}, "reply": "Now. [1]"}
    file.write_text(json.dumps([shot]))
    rag = {"store": str(tmp_path / "store"), "llm": "bank", "few_shot": {"examples": str(file)}}
    configured = settings(tmp_path).model_copy(update={"rag": RAGSettings.model_validate(rag)})
    fees = Document(id="fees", title="Fees", text="The fee of the Gold card is 95 euros.")
    llm = CannedLLM("It is 95 euros. [1]")

    await build_store(configured, HashEmbedder()).async_add("acme", [fees])
    answerer = build_rag(configured, HashEmbedder(), llm)
    await answerer.async_answer(question("What is the fee of the Gold card?"))

    [request] = llm.requests
    assert [message.content for message in request.messages[1:-1]] == [
        "Passages:\nNow.\n\nQuestion: When?",
        "Now. [1]",
    ]


def test_building_touches_no_disk(tmp_path: Path) -> None:
    build_store(settings(tmp_path), HashEmbedder())

    assert list(tmp_path.iterdir()) == []


async def test_a_configured_cache_and_reranker_are_put_around(tmp_path: Path) -> None:
    configured = settings(tmp_path)
    more = {"cache": {}, "reranker": {"model": "/nowhere"}}
    rag = RAGSettings.model_validate({**configured.rag.model_dump(), **more})
    llm = build_llms(configured, HashEmbedder(), ["extractive"])["extractive"]

    answerer = build_rag(configured.model_copy(update={"rag": rag}), HashEmbedder(), llm)

    assert isinstance(answerer, SemanticCache)


def test_one_line_puts_the_documents_into_a_database(tmp_path: Path) -> None:
    pytest.importorskip("asyncpg")
    from genai.rag.storage.pgvector import PgVectorStore

    configured = settings(tmp_path)
    rag = configured.rag.model_copy(update={"store_env": "DOCUMENTS_URL"})
    configured = configured.model_copy(update={"rag": rag})

    with pytest.raises(Misconfigured, match="DOCUMENTS_URL"):
        build_store(configured, HashEmbedder(), {})
    store = build_store(configured, HashEmbedder(), {"DOCUMENTS_URL": "postgresql://x/y"})
    assert isinstance(store, PgVectorStore)


def test_a_process_that_never_looks_into_the_documents_does_not_load_lancedb() -> None:
    script = (
        "import sys, genai.factory.rag_factory, genai.factory.tool_factory\n"
        "from pathlib import Path\n"
        "from genai.embeddings.cached import CachedEmbedder\n"
        "from genai.embeddings.hashing import HashEmbedder\n"
        "from genai.rag.storage.lancedb_store import LanceDBStore\n"
        "LanceDBStore(Path('none'), CachedEmbedder(HashEmbedder()), chunk_tokens=200)\n"
        "assert 'lancedb' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
