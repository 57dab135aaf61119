"""Presidio's side of personal data: our identifiers as Presidio recognizers, and the reverse."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from genai.safety.identifiers import IDENTIFIERS, Identifier


@contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """As if these packages were not installed, unless they are loaded already."""
    absent = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for package in absent:
            del sys.modules[package]


# Presidio and spaCy load these wherever they are installed, for language models that are not used
# here: 0.5 GB and ten seconds of a process that runs patterns.
with _hidden("torch", "transformers"):
    from presidio_analyzer import EntityRecognizer, LocalRecognizer, RecognizerResult
    from presidio_analyzer.nlp_engine import NlpArtifacts


class IdentifierRecognizer(LocalRecognizer):  # type: ignore[misc]
    """One kind of identifier, for an `AnalyzerEngine` or on its own.

    Presidio's recognizers for the same entities do not qualify: some take time quadratic in the
    text, and none says whether a text that is still being written is decided.
    """

    def __init__(self, identifier: Identifier) -> None:
        self._find = identifier.find
        super().__init__(supported_entities=[identifier.entity], name=identifier.entity)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        (entity,) = self.supported_entities
        if entity not in entities:
            return []
        return [RecognizerResult(entity, start, end, 1.0) for start, end in self._find(text)]


class PresidioRecognizer:
    """Any Presidio recognizer that needs no language model, as a `Recognizer`."""

    def __init__(self, recognizer: EntityRecognizer, entity: str) -> None:
        self.entity = entity
        self._recognizer = recognizer

    def find(self, text: str) -> Iterable[tuple[int, int]]:
        results = self._recognizer.analyze(text, [self.entity])
        return [(result.start, result.end) for result in results or ()]


def presidio_recognizers(entities: Sequence[str]) -> list[PresidioRecognizer]:
    """One recognizer for each entity. Raises `KeyError` for one that is not known."""
    return [
        PresidioRecognizer(IdentifierRecognizer(IDENTIFIERS[entity]), entity) for entity in entities
    ]
