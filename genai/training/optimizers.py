"""Builds the optimizer."""

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
    begin, end = _embeddings(model)
    inner = [p for p in matrices if p is not begin and p is not end]
    share = settings.embedding_rate
    groups = [
        {"params": inner, "weight_decay": decay, "orthogonal": True},
        {"params": [p for p in matrices if p is begin], "weight_decay": 0.0, "share": share},
        {"params": [p for p in matrices if p is end and p is not begin], "weight_decay": 0.0},
        rest,
    ]
    return Muon(
        [group for group in groups if group["params"]], lr=settings.learning_rate, betas=BETAS
    )


def _embeddings(model: Any) -> tuple[Any, Any]:
    """The tables of words are no maps between vectors: orthogonal steps are wrong for them."""
    plain = getattr(model, "module", model)
    head = plain.get_output_embeddings()
    return plain.get_input_embeddings().weight, head.weight if head is not None else None
