import pytest

pytest.importorskip("torch")

import numpy as np

from genai.safety.names.backgrounds import sentences, words
from genai.safety.names.tagger import Tagger
from genai.safety.names.training import Recipe, train

SMALL = Recipe(examples=300, epochs=3, rows=2000, width=16, backgrounds=())


def test_a_small_training_learns_and_repeats_itself() -> None:
    first, second = train(SMALL), train(SMALL)

    assert np.array_equal(first.table, second.table)
    found = Tagger(first, caution=0).find("My name is Anna Schmidt and I live in Hamburg.")
    assert "PERSON" in {entity.label for entity in found}


def test_background_sentences_have_hardly_a_capital_that_could_be_a_name() -> None:
    prose = sentences([])
    inside = [line for line in prose if any(word.istitle() for word in line.split()[1:])]

    assert len(prose) > 500
    assert len(inside) < len(prose) / 20
    assert {"the", "value"} <= set(words(prose))
