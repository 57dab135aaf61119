"""Irreversibly redacts personal data and secrets in training data."""

from collections.abc import Iterable, Iterator

from genai.safety.cleaned import cleaned
from genai.training.samples import Sample, texts_of, with_texts


class Redaction:
    """``redacted`` counts the samples in which something was found."""

    def __init__(self) -> None:
        self.redacted = 0

    def of(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        for sample in samples:
            texts = texts_of(sample)
            clean = [cleaned(text) for text in texts]
            if clean == list(texts):
                yield sample
            else:
                self.redacted += 1
                yield with_texts(sample, clean)
