"""Precision and recall of names and places, by spans and by words."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from genai.messages import Value
from genai.safety.names.generator import TaggedText
from genai.safety.names.tagger import Tagger
from genai.safety.names.tokens import tokens_of

Span = tuple[int, int, str]


class Grade(Value):
    """The counts of one label. A span is correct if its ends and label are, a word if its label is."""

    label: str
    span_precision: float
    span_recall: float
    word_precision: float
    word_recall: float
    examples: int


def grade(tagger: Tagger, examples: Iterable[TaggedText], labels: Iterable[str]) -> list[Grade]:
    wanted = tuple(labels)
    spans, words = _Tally(), _Tally()
    for example in examples:
        truth = {span for span in example.spans if span[2] in wanted}
        seen = {(e.start, e.end, e.label) for e in tagger.find(example.text) if e.label in wanted}
        spans.add(truth, seen)
        words.add(_words(example.text, truth), _words(example.text, seen))
    return [
        Grade(
            label=label,
            span_precision=spans.precision(label),
            span_recall=spans.recall(label),
            word_precision=words.precision(label),
            word_recall=words.recall(label),
            examples=spans.truths[label],
        )
        for label in wanted
    ]


def labelled_file(path: Path, names: Mapping[str, str]) -> Iterator[TaggedText]:
    """Reads JSON lines with ``text`` and ``spans``; ``names`` maps their labels to ours."""
    for line in path.read_text().splitlines():
        row = json.loads(line)
        found = (
            (span["start"], span["end"], names[span["label"]])
            for span in row["spans"]
            if span["label"] in names
        )
        yield TaggedText(row["text"], tuple(sorted(found)))


class _Tally:
    def __init__(self) -> None:
        self.right, self.truths, self._seen = Counter[str](), Counter[str](), Counter[str]()

    def add(self, truth: set[Span], seen: set[Span]) -> None:
        self.right.update(label for *_, label in truth & seen)
        self.truths.update(label for *_, label in truth)
        self._seen.update(label for *_, label in seen)

    def precision(self, label: str) -> float:
        return round(self.right[label] / self._seen[label], 3) if self._seen[label] else 1.0

    def recall(self, label: str) -> float:
        return round(self.right[label] / self.truths[label], 3) if self.truths[label] else 1.0


def _words(text: str, spans: Iterable[Span]) -> set[Span]:
    tokens = [token for token in tokens_of(text) if token.text.isalnum()]
    return {
        (token.start, token.end, label)
        for start, end, label in spans
        for token in tokens
        if start < token.end and token.start < end
    }
