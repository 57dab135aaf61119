from pathlib import Path

import numpy as np
import pytest

from genai.rag.questions.word_vectors import (
    WordVectors,
    condensed,
    load_word_vectors,
    save_word_vectors,
)

TABLE = WordVectors(
    ["fee", "charge", "boat"], np.array([[127, 0], [102, 76], [0, 127]], dtype=np.int8)
)


def test_a_word_is_like_those_of_like_vectors() -> None:
    assert TABLE.likeness("fee", TABLE.of(["charge", "boat"])) == pytest.approx(0.8, abs=0.01)
    assert TABLE.likeness("fee", TABLE.of(["boat"])) == 0.0


def test_a_word_that_is_not_in_the_table_is_like_nothing() -> None:
    assert TABLE.likeness("zloty", TABLE.of(["fee"])) == 0.0
    assert TABLE.likeness("fee", TABLE.of(["zloty"])) == 0.0


def test_many_words_are_compared_like_each_of_them() -> None:
    others = TABLE.of(["charge", "boat"])

    together = TABLE.likenesses(["fee", "zloty", "boat"], others)

    assert together == pytest.approx([TABLE.likeness(w, others) for w in ("fee", "zloty", "boat")])


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "words.npz"
    save_word_vectors(path, ["fee", "boat"], np.array([[1.0, 0.0], [0.6, 0.8]]))

    read = load_word_vectors(path)

    assert read.likeness("fee", read.of(["boat"])) == pytest.approx(0.6, abs=0.01)


def test_fewer_dimensions_keep_what_differs_most() -> None:
    vectors = np.array([[1.0, 0.1, 0.0], [-1.0, 0.1, 0.0], [1.0, 0.1, 0.01], [-1.0, 0.1, 0.01]])

    fewer = condensed(vectors, 1)

    assert fewer[0] @ fewer[2] == pytest.approx(1.0)
    assert fewer[0] @ fewer[1] == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("word", "like", "unlike"),
    [("vehicle", "car", "card"), ("salary", "income", "limit"), ("undertaker", "funeral", "fee")],
)
def test_the_shipped_table_knows_what_customers_call_things(
    word: str, like: str, unlike: str
) -> None:
    table = load_word_vectors()

    assert table.likeness(word, table.of([like])) > table.likeness(word, table.of([unlike])) + 0.1
