"""Personal data: precision and recall by entity, and the share of harmless questions that are changed.

A span counts as correct if both of its ends and its kind are. Names are found by the tagger, which is off by
default.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from benchmarks.safety.scores import scores
from benchmarks.safety.table import Table, percent
from benchmarks.safety.texts import specimens
from genai.safety.identifiers import Identifiers
from genai.safety.names.generator import LABELS
from genai.safety.names.recognizer import NamesRecognizer
from genai.safety.personal_data import Place, Recognizer, places

Labelled = tuple[str, Sequence[Place]]

_NUMBERS = {
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN_CODE",
    "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "US_SSN": "US_SSN",
    "IP_ADDRESS": "IP_ADDRESS",
}
_NAMES = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "STREET_ADDRESS": "ADDRESS",
    "person": "PERSON",
    "location": "LOCATION",
}
_CLEAN = ("injection/benign_banking77.jsonl", "injection/benign_clinc150.jsonl")


def tables(data: Path) -> list[Table]:
    numbers, names = [Identifiers()], [NamesRecognizer("", ("PERSON", "LOCATION", "ADDRESS"))]
    synth = data / "pii/presidio_synth_v2.jsonl"
    return [
        _table("generated, 28 kinds", list(_generated()), numbers),
        _table("pii/presidio_synth_v2, numbers", list(_file(synth, _NUMBERS)), numbers),
        _table("pii/presidio_synth_v2, names (off by default)", list(_file(synth, _NAMES)), names),
        _table(
            "pii/wnut17, names (off by default)",
            list(_file(data / "pii/wnut17.jsonl", _NAMES)),
            names,
        ),
        _together(synth),
        _masked(data, numbers, names),
    ]


def _generated() -> Iterator[Labelled]:
    for specimen in specimens(seed=11, each=100):
        start = specimen.text.index(specimen.value)
        yield specimen.text, [(start, start + len(specimen.value), specimen.entity)]


def _file(path: Path, names: Mapping[str, str]) -> Iterator[Labelled]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield (
            row["text"],
            [
                (span["start"], span["end"], names[span["label"]])
                for span in row["spans"]
                if span["label"] in names
            ],
        )


def _table(title: str, texts: Sequence[Labelled], recognizers: Sequence[Recognizer]) -> Table:
    wanted = {entity for _, truth in texts for *_, entity in truth}
    rows = [
        [s.entity, str(s.found + s.missed), percent(s.precision), percent(s.recall)]
        for s in scores(texts, recognizers)
        if s.entity in wanted
    ]
    return Table(f"Personal data: {title}", ("entity", "places", "precision", "recall"), rows)


def _together(path: Path) -> Table:
    """All kinds of the file, with names on, counted by span and by character."""
    recognizers = [NamesRecognizer("", LABELS), Identifiers()]
    exact, masked = _Counts(), _Counts()
    for text, wanted in _file(path, _AnyLabel()):
        found = set(places(text, recognizers))
        exact.add(set(wanted), found)
        masked.add(_characters(wanted), _characters(found))
    rows = [
        ["exact span and kind", percent(exact.precision), percent(exact.recall)],
        ["characters of any kind", percent(masked.precision), percent(masked.recall)],
    ]
    title = "Personal data: pii/presidio_synth_v2, all its 17 kinds, names on"
    return Table(title, ("counting", "precision", "recall"), rows)


class _AnyLabel(dict[str, str]):
    """Maps labels to entities; unknown labels to themselves."""

    def __contains__(self, label: object) -> bool:
        return True

    def __missing__(self, label: str) -> str:
        return {**_NUMBERS, **_NAMES}.get(label, label)


@dataclass(slots=True)
class _Counts:
    right: int = 0
    found: int = 0
    wanted: int = 0

    def add(self, wanted: Set[object], found: Set[object]) -> None:
        self.right += len(wanted & found)
        self.found += len(found)
        self.wanted += len(wanted)

    @property
    def precision(self) -> float:
        return self.right / self.found

    @property
    def recall(self) -> float:
        return self.right / self.wanted


def _characters(spans: Iterable[Place]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}


def _masked(data: Path, *ways: Sequence[Recognizer]) -> Table:
    rows = []
    for file in _CLEAN:
        lines = (data / file).read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines]
        shares = [sum(bool(places(t, way)) for t in texts) / len(texts) for way in ways]
        rows.append([file.removesuffix(".jsonl"), str(len(texts)), *map(percent, shares)])
    columns = ("file", "texts", "numbers", "names")
    return Table("Personal data: harmless questions that are changed", columns, rows)
