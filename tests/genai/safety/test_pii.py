from pathlib import Path

import pytest

pytest.importorskip("presidio_analyzer")

import spacy
from presidio_analyzer import Pattern, PatternRecognizer

from genai.safety.pii import PresidioRecognizer, spacy_names


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pipeline that knows one person, one place and one company."""
    folder: Path = tmp_path_factory.mktemp("models") / "pipeline"
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Anna Schmidt"},
            {"label": "GPE", "pattern": "Hamburg"},
            {"label": "ORG", "pattern": "Acme"},
        ]
    )
    nlp.to_disk(folder)
    return folder


def test_a_pipeline_of_spacy_finds_the_names_that_are_asked_for(pipeline: Path) -> None:
    names = spacy_names(str(pipeline), ("PERSON", "LOCATION"))

    assert set(names.find("Anna Schmidt of Acme lives in Hamburg")) == {
        (0, 12, "PERSON"),
        (30, 37, "LOCATION"),
    }


def test_any_recognizer_of_presidio_may_take_part() -> None:
    shoes = PatternRecognizer("SHOE_SIZE", patterns=[Pattern("size", r"\bEU \d\d\b", 0.9)])

    found = PresidioRecognizer(shoes, None, {"SHOE_SIZE": "SIZE"}).find("I wear EU 42")

    assert list(found) == [(7, 12, "SIZE")]
