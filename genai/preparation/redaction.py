"""Keeps personal data and secrets out of training data, for good."""

from collections.abc import Iterable, Iterator, Sequence

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import Recognizer, without
from genai.safety.secrets import Secrets
from genai.training.samples import Sample, texts_of, with_texts


class Redaction:
    """``redacted`` counts the samples in which something was found."""

    def __init__(self, recognizers: Sequence[Recognizer] | None = None) -> None:
        self.redacted = 0
        self._recognizers = recognizers or (Identifiers(), Secrets())

    def of(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        for sample in samples:
            texts = texts_of(sample)
            clean = [without(text, self._recognizers) for text in texts]
            if clean == list(texts):
                yield sample
            else:
                self.redacted += 1
                yield with_texts(sample, clean)
