"""Presidio recognizers: names and places with a spaCy or hub model."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genai.safety.absent import absent
from genai.safety.personal_data import Place

with absent("torch", "transformers"):
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpEngine, SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

LANGUAGE = "en"


class PresidioRecognizer:
    """A Presidio recognizer with the language model that it reads, as a `Recognizer`.

    ``engine`` may be None for one that needs no model. ``names`` says what its entities are called
    here; others are left out.
    """

    def __init__(
        self, recognizer: EntityRecognizer, engine: NlpEngine | None, names: Mapping[str, str]
    ) -> None:
        self._recognizer = recognizer
        self._engine = engine
        self._names = dict(names)

    def find(self, text: str) -> Iterable[Place]:
        artifacts: Any = self._engine.process_text(text, LANGUAGE) if self._engine else None
        results = self._recognizer.analyze(text, list(self._names), artifacts) or ()
        return [(found.start, found.end, self._names[found.entity_type]) for found in results]


def spacy_names(model: str, entities: Sequence[str]) -> PresidioRecognizer:
    """Finds names with a pipeline of spaCy, such as ``en_core_web_lg``, which must be installed.

    ``model`` may also be the folder of a pipeline.
    """
    engine = SpacyNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": model}])
    engine.load()
    return PresidioRecognizer(SpacyRecognizer(), engine, {entity: entity for entity in entities})
