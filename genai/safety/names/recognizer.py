"""Names and places, as a recognizer of personal data."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from genai.safety.names.tagger import load
from genai.safety.personal_data import Place

SHIPPED = Path(__file__).parent / "model.npz"


class NamesRecognizer:
    """``model`` is a file that `jobs.train_ner` wrote; without it, the one that is shipped."""

    def __init__(self, model: str, entities: Sequence[str]) -> None:
        self._tagger = load(Path(model) if model else SHIPPED)
        self._entities = frozenset(entities)

    def find(self, text: str) -> Iterable[Place]:
        found = self._tagger.find(text)
        return [(e.start, e.end, e.label) for e in found if e.label in self._entities]
