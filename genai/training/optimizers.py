"""What changes the weights by their gradients."""

from typing import Any

import torch

from genai.training.muon import Muon
from genai.training.settings import FineTuneSettings

BETAS = (0.9, 0.95)


def optimizer_of(model: Any, settings: FineTuneSettings) -> torch.optim.AdamW:
    """Matrices decay; norms and biases do not."""
    trained = [p for p in model.parameters() if p.requires_grad]
    matrices = [p for p in trained if p.ndim >= 2]
    rest: dict[str, Any] = {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0}
    decay = settings.weight_decay
    if settings.optimizer == "adamw":
        groups = [{"params": matrices, "weight_decay": decay}, rest]
        return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=BETAS)
    words = _embeddings(model)
    inner = [p for p in matrices if id(p) not in words]
    outer = [p for p in matrices if id(p) in words]
    groups = [
        {"params": inner, "weight_decay": decay, "orthogonal": True},
        {"params": outer, "weight_decay": 0.0},
        rest,
    ]
    return Muon(groups, lr=settings.learning_rate, betas=BETAS)


def _embeddings(model: Any) -> set[int]:
    """The tables of words are no maps between vectors: orthogonal steps are wrong for them."""
    plain = getattr(model, "module", model)
    tables = (plain.get_input_embeddings(), plain.get_output_embeddings())
    return {id(table.weight) for table in tables if table is not None}
