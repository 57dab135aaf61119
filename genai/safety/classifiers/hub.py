"""A text classifier from a hub or a folder, through transformers: Prompt Guard 2, PIGuard, and others."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from genai.embeddings.batching import MicroBatcher
from genai.errors import Misconfigured
from genai.safety.classifiers.classifier import Classifier

_HARMLESS = frozenset({"benign", "safe", "legit", "label_0", "no_injection", "normal"})
_LONGEST = 512


class HubClassifier(Classifier):
    """Loads the model when constructed. The event loop never waits for it: it runs in a thread."""

    waits = True

    def __init__(self, model: str) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise Misconfigured("pip install 'genai-factory[huggingface]'") from error
        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(model)
        self._model = AutoModelForSequenceClassification.from_pretrained(model).eval()
        self._harmless = _harmless_label(self._model.config.id2label)
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="injection")
        self._batcher = MicroBatcher(self._score, pool, max_texts=32)

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        if not texts:
            return []
        return [score for [score] in await self._batcher.submit(texts)]

    def _score(self, texts: list[str]) -> list[list[float]]:
        inputs = self._tokenizer(
            texts, padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt"
        )
        with self._torch.inference_mode():
            likely = self._model(**inputs).logits.softmax(dim=1)[:, self._harmless]
        return [[1 - float(score)] for score in likely]


def _harmless_label(labels: dict[int, str]) -> int:
    """The index of the label that means no attack."""
    found = [index for index, name in labels.items() if name.lower() in _HARMLESS]
    if len(found) != 1:
        raise Misconfigured(f"safety.injection.classifier: which label is harmless? {labels}")
    return found[0]
