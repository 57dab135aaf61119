"""Precision and recall of the recognizers of personal data, entity by entity."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from genai.safety.personal_data import Place, Recognizer, places


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one entity. A span is found if both of its ends and its kind are correct."""

    entity: str
    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


def scores(
    labelled: Iterable[tuple[str, Sequence[Place]]], recognizers: Sequence[Recognizer]
) -> Iterator[Score]:
    """A score for each entity that was labelled or found."""
    found, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for text, truth in labelled:
        seen = set(places(text, recognizers))
        found.update(entity for _, _, entity in seen & set(truth))
        missed.update(entity for _, _, entity in set(truth) - seen)
        wrong.update(entity for _, _, entity in seen - set(truth))
    for entity in sorted(found | missed | wrong):
        yield Score(entity, found[entity], missed[entity], wrong[entity])
