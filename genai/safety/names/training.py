"""Trains the tagger of names and places on generated texts."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from genai.safety.names.backgrounds import sentences
from genai.safety.names.generator import LABELS, Generator, TaggedText
from genai.safety.names.tagger import WINDOWS, TaggerWeights
from genai.safety.names.tokens import FEATURES, rows_of, tokens_of

TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BI"))
_NOTHING = 0
_PADDING = -100


class Recipe(BaseModel):
    """The settings of the training.

    ``plain`` is the share of templates without names. ``forgotten`` is the share of words hidden in
    training, so that the model learns from their form and context.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    examples: int = Field(default=40_000, ge=1)
    plain: float = Field(default=0.4, ge=0, le=1)
    backgrounds: tuple[str, ...] = ("sample_bank/documents",)
    epochs: int = Field(default=6, ge=1)
    batch_size: int = Field(default=64, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    forgotten: float = Field(default=0.15, ge=0, lt=1)
    rows: int = Field(default=24_576, ge=100)
    width: int = Field(default=64, ge=8)


class Network(nn.Module):
    """The tagger in torch, with the layers of `TaggerWeights`."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.table = nn.EmbeddingBag(recipe.rows, width, mode="sum", padding_idx=_NOTHING)
        with torch.no_grad():
            self.table.weight[1:].normal_(std=0.1)
            self.table.weight[_NOTHING] = 0
        self.windows = nn.ModuleList(nn.Linear(len(w) * width, width) for w in WINDOWS)
        self.tags = nn.Linear(width, len(TAGS))
        self.dropout = nn.Dropout(recipe.dropout)

    def forward(self, rows: Tensor, words: Tensor) -> Tensor:
        """Maps (texts, words, features) to (texts, words, tags).

        ``words`` is 1 for words and 0 for padding.
        """
        texts, longest, features = rows.shape
        hidden = self.table(rows.view(-1, features)).view(texts, longest, -1)
        for offsets, layer in zip(WINDOWS, self.windows, strict=True):
            seen = _neighbours(self.dropout(hidden), offsets)
            hidden = (hidden + torch.relu(layer(seen))) * words[..., None]
        scores: Tensor = self.tags(self.dropout(hidden))
        return scores

    def weights(self) -> TaggerWeights:
        layers = [*self.windows, self.tags]
        return TaggerWeights(
            table=self.table.weight.detach().numpy(),
            layers=tuple((_array(layer.weight.T), _array(layer.bias)) for layer in layers),
            tags=TAGS,
        )


def train(recipe: Recipe) -> TaggerWeights:
    torch.manual_seed(recipe.seed)
    network = Network(recipe).train()
    generator = Generator(recipe.seed, plain=recipe.plain, prose=prose_of(recipe))
    examples = [_encoded(made, recipe.rows) for made in generator.examples(recipe.examples)]
    batches = -(-len(examples) // recipe.batch_size) * recipe.epochs
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, batches)
    loss_of = nn.CrossEntropyLoss(ignore_index=_PADDING)
    for rows, tags in _batches(examples, recipe):
        optimizer.zero_grad()
        scores = network(rows, (tags != _PADDING).float())
        loss_of(scores.flatten(0, 1), tags.flatten()).backward()
        optimizer.step()
        schedule.step()
    return network.eval().weights()


def prose_of(recipe: Recipe) -> list[str]:
    """Sentences without names, from the recipe's backgrounds and from this machine."""
    return sentences(map(Path, recipe.backgrounds))


Encoded = tuple[list[tuple[int, ...]], list[int]]


def _encoded(example: TaggedText, rows: int) -> Encoded:
    tokens = tokens_of(example.text)
    tags = ["O"] * len(tokens)
    for start, end, label in example.spans:
        inside = [i for i, token in enumerate(tokens) if start <= token.start < end]
        for i in inside:
            tags[i] = f"{'B' if i == inside[0] else 'I'}-{label}"
    return [rows_of(token.text, rows) for token in tokens], [TAGS.index(tag) for tag in tags]


def _batches(examples: list[Encoded], recipe: Recipe) -> Iterator[tuple[Tensor, Tensor]]:
    rng = random.Random(recipe.seed)
    noise = np.random.default_rng(recipe.seed)
    for _ in range(recipe.epochs):
        rng.shuffle(examples)
        for start in range(0, len(examples), recipe.batch_size):
            rows, tags = _padded(examples[start : start + recipe.batch_size])
            hidden = noise.random(rows.shape) < recipe.forgotten
            hidden[..., 1:] &= noise.random(rows.shape[:2])[..., None] < recipe.forgotten
            rows[hidden] = _NOTHING
            yield torch.from_numpy(rows), torch.from_numpy(tags)


def _padded(batch: Sequence[Encoded]) -> tuple[np.ndarray, np.ndarray]:
    longest = max(len(tags) for _, tags in batch)
    rows = np.zeros((len(batch), longest, FEATURES), dtype=np.int64)
    labels = np.full((len(batch), longest), _PADDING, dtype=np.int64)
    for i, (words, tags) in enumerate(batch):
        rows[i, : len(words)] = words
        labels[i, : len(tags)] = tags
    return rows, labels


def _neighbours(words: Tensor, offsets: tuple[int, ...]) -> Tensor:
    reach, count = max(offsets), words.shape[1]
    padded = nn.functional.pad(words, (0, 0, reach, reach))
    return torch.cat([padded[:, reach + o : reach + o + count] for o in offsets], dim=-1)


def _array(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().numpy())
