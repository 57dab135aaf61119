"""A recognizer of personal data for names and places."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from genai.safety.names.tagger import Entity, load
from genai.safety.personal_data import Place

_ADDRESS = "ADDRESS"
_GOES_ON = (_ADDRESS, "LOCATION")
_BETWEEN = re.compile(r"[,\s.]{1,8}(?:[A-Z]{2}[,\s]{1,4})?")
_CODE = re.compile(r"[,\s]{1,6}(?:\d{3,6}|[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2})\b")
SHIPPED = Path(__file__).parent / "model.npz"


class NamesRecognizer:
    """``model`` is a file of `jobs.train_ner`; by default the shipped one."""

    def __init__(self, model: str, entities: Sequence[str]) -> None:
        self._tagger = load(Path(model) if model else SHIPPED)
        self._entities = frozenset(entities)

    def find(self, text: str) -> Iterable[Place]:
        found = _whole_addresses(text, self._tagger.find(text))
        return [(e.start, e.end, e.label) for e in found if e.label in self._entities]


def _whole_addresses(text: str, found: Iterable[Entity]) -> list[Entity]:
    """Merges a town, a country and their codes into the address before them."""
    whole: list[Entity] = []
    for entity in found:
        last = whole[-1] if whole else None
        if last and entity.label in _GOES_ON and _is_end_of(text, last, entity):
            whole[-1] = last._replace(end=entity.end)
        else:
            whole.append(entity)
        if whole[-1].label == _ADDRESS and (code := _CODE.match(text, whole[-1].end)):
            whole[-1] = whole[-1]._replace(end=code.end())
    return whole


def _is_end_of(text: str, last: Entity, entity: Entity) -> bool:
    return last.label == _ADDRESS and bool(_BETWEEN.fullmatch(text, last.end, entity.start))
