from pathlib import Path

import numpy as np
import pytest

from genai.safety.names.recognizer import SHIPPED
from genai.safety.names.tagger import Entity, Tagger, TaggerWeights, load, save
from genai.safety.names.tokens import FEATURES, rows_of, tokens_of


@pytest.fixture(scope="module")
def shipped() -> Tagger:
    return load(SHIPPED)


def said(tagger: Tagger, text: str) -> set[tuple[str, str]]:
    return {(text[e.start : e.end], e.label) for e in tagger.find(text)}


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("My name is Anna Schmidt.", {("Anna Schmidt", "PERSON")}),
        ("Dear Mr. Kowalczyk, your loan is approved.", {("Kowalczyk", "PERSON")}),
        ("I live in Hamburg, Germany.", {("Hamburg", "LOCATION"), ("Germany", "LOCATION")}),
        ("Do you have a branch in Rotterdam?", {("Rotterdam", "LOCATION")}),
        ("My address is 12 Church Street", {("12 Church Street", "ADDRESS")}),
    ],
)
def test_names_and_places_are_found_in_what_customers_write(
    shipped: Tagger, text: str, entities: set[tuple[str, str]]
) -> None:
    assert said(shipped, text) == entities


@pytest.mark.parametrize(
    "text",
    [
        "What is the limit of my card?",
        "I paid 1,250.00 EUR on 2024-05-01.",
        "The fee rose to 4.25 % in March.",
        "How do I change my PIN?",
        "",
        "   \n ",
    ],
)
def test_amounts_dates_and_plain_questions_have_no_names(shipped: Tagger, text: str) -> None:
    assert said(shipped, text) == set()


def test_a_long_text_is_tagged_like_its_parts(shipped: Tagger) -> None:
    sentence = "Please send 100 EUR to Anna Schmidt in Hamburg today. "

    found = shipped.find(sentence * 200)

    assert len(found) == 200 * len(shipped.find(sentence))


def test_weights_survive_being_saved(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def matrix(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float16).astype(np.float32)

    sizes = [(5 * 8, 8), (3 * 8, 8), (3 * 8, 8), (8, 3)]
    layers = tuple((matrix(*size), matrix(size[1])) for size in sizes)
    weights = TaggerWeights(matrix(100, 8), layers, ("O", "B-PERSON", "I-PERSON"))
    text = "one two three four five six seven"

    save(tmp_path / "model.npz", weights)

    assert load(tmp_path / "model.npz").find(text) == Tagger(weights).find(text)
    assert all(isinstance(entity, Entity) for entity in Tagger(weights).find(text))


def test_tokens_keep_their_places() -> None:
    text = 'Ann-Marie\t{"x": 12}\n'

    tokens = tokens_of(text)

    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [t.text for t in tokens] == [
        "Ann",
        "-",
        "Marie",
        "{",
        '"',
        "x",
        '"',
        ":",
        "12",
        "}",
        "\n",
    ]


def test_a_word_has_always_the_same_rows_and_never_the_first() -> None:
    assert rows_of("Anna", 100) == rows_of("Anna", 100) != rows_of("anna", 100)
    assert len(rows_of("Anna", 100)) == FEATURES
    assert 0 not in rows_of("Anna", 2)
