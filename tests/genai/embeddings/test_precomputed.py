from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from genai.embeddings.precomputed import PrecomputedEmbedder, RecordingEmbedder, load_vectors
from tests.support.answering import LetterEmbedder


class CountingEmbedder(LetterEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return await super().async_embed(texts)


async def saved(path: Path, *texts: str) -> Path:
    recorder = RecordingEmbedder(LetterEmbedder())
    await recorder.async_embed(texts)
    recorder.save(path)
    return path


async def test_only_texts_that_the_file_lacks_are_embedded(tmp_path: Path) -> None:
    vectors = load_vectors(await saved(tmp_path / "v.npz", "a card", "a loan"), "letters")
    model = CountingEmbedder()

    found = await PrecomputedEmbedder(model, vectors).async_embed(["a loan", "a fee", "a card"])

    assert model.asked == ["a fee"]
    expected = await LetterEmbedder().async_embed(["a loan", "a fee", "a card"])
    assert found == [pytest.approx(vector, abs=1e-3) for vector in expected]


async def test_vectors_of_another_model_are_not_used(tmp_path: Path) -> None:
    assert load_vectors(await saved(tmp_path / "v.npz", "a card"), "another") == {}


def test_a_missing_file_has_no_vectors(tmp_path: Path) -> None:
    assert load_vectors(tmp_path / "none.npz", "letters") == {}


async def test_loaded_vectors_have_unit_length(tmp_path: Path) -> None:
    [vector] = load_vectors(await saved(tmp_path / "v.npz", "a card"), "letters").values()

    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)


async def test_the_same_texts_give_the_same_file(tmp_path: Path) -> None:
    first = await saved(tmp_path / "a.npz", "a card", "a loan")
    second = await saved(tmp_path / "b.npz", "a loan", "a card")

    assert load_vectors(first, "letters") == load_vectors(second, "letters")
