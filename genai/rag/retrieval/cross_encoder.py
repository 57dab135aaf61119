"""Reranks passages with a cross-encoder, which reads question and passage together.

Slower than comparing vectors, but more accurate. It is a `Retriever` around another one; the settings
name its model, as a folder or as a name on a hub.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from genai.embeddings.batching import MicroBatcher
from genai.errors import BackendFailed, Misconfigured
from genai.messages import Passage
from genai.rag.base import Retriever
from genai.rag.passages.chunking import searchable
from genai.rag.permissions import Reader
from genai.settings.documents import RerankerSettings

_LONGEST = 512
_BATCH = 32
_SEPARATOR = "\x1e"
"""Separates the two texts of a pair on the way to the thread."""


class CrossEncodingRetriever:
    """Loads the model on first use. It runs in a thread, so the event loop never waits for it."""

    def __init__(self, inner: Retriever, settings: RerankerSettings) -> None:
        self._inner = inner
        self._settings = settings
        self._model: Any = None
        self._tokenizer: Any = None
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cross-encoder")
        self._batcher = MicroBatcher(self._score, pool, max_texts=_BATCH)

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        """The best passages of the inner retriever in a new order, followed by its other passages."""
        found = await self._inner.async_retrieve(
            reader, query, limit=max(limit, self._settings.top)
        )
        best, rest = found[: self._settings.top], found[self._settings.top :]
        scores = await self._scores(query, best)
        order = sorted(range(len(best)), key=lambda index: -scores[index])
        return (*(best[index] for index in order), *rest)[:limit]

    async def _scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        if not passages:
            return []
        pairs = [
            f"{query.replace(_SEPARATOR, ' ')}{_SEPARATOR}{searchable(passage)}"
            for passage in passages
        ]
        try:
            return [score for [score] in await self._batcher.submit(pairs)]
        except RuntimeError as error:
            raise BackendFailed("the reranking model failed") from error

    def _score(self, pairs: list[str]) -> list[list[float]]:
        self._load()
        import torch

        asked, answers = zip(*(pair.split(_SEPARATOR, 1) for pair in pairs), strict=True)
        inputs = self._tokenizer(
            list(asked),
            list(answers),
            padding=True,
            truncation="only_second",
            max_length=_LONGEST,
            return_tensors="pt",
        )
        with torch.inference_mode():
            logits = self._model(**inputs).logits
        return [[float(row[-1])] for row in logits]

    def _load(self) -> None:
        if self._model is not None:
            return
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise Misconfigured("pip install 'genai-factory[huggingface]'") from error
        name = self._settings.model
        self._tokenizer = AutoTokenizer.from_pretrained(name)
        self._model = AutoModelForSequenceClassification.from_pretrained(name).eval()
