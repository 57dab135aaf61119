"""The losses: negative log likelihood, and DPO."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

from genai.training.encoding import Encoded
from genai.training.narrow_head import rows_of

IGNORED = -100


def collate(
    encoded: Sequence[Encoded], pad: int, device: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tokens, mask and targets, filled up on the right."""
    longest = max(len(one.tokens) for one in encoded)
    tokens = torch.full((len(encoded), longest), pad)
    mask = torch.zeros((len(encoded), longest), dtype=torch.long)
    targets = torch.full((len(encoded), longest), IGNORED)
    for row, one in enumerate(encoded):
        length = len(one.tokens)
        tokens[row, :length] = torch.tensor(one.tokens)
        mask[row, :length] = 1
        learnt = torch.tensor(one.learnt)
        targets[row, :length] = torch.where(learnt, tokens[row, :length], IGNORED)
    return tokens.to(device), mask.to(device), targets.to(device)


def negative_log_likelihood(
    model: Any, encoded: Sequence[Encoded], pad: int, device: str
) -> torch.Tensor:
    """Negative log likelihood, summed over all targets."""
    _, losses = _losses(model, encoded, pad, device)
    return losses.sum()


def log_likelihoods(model: Any, encoded: Sequence[Encoded], pad: int, device: str) -> torch.Tensor:
    """Of the targets of each sequence."""
    rows, losses = _losses(model, encoded, pad, device)
    return torch.zeros(len(encoded), device=device).index_add(0, rows, -losses)


def _losses(
    model: Any, encoded: Sequence[Encoded], pad: int, device: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """The negative log likelihood of each target, and of which sequence it is."""
    tokens, mask, targets = collate(encoded, pad, device)
    following = functional.pad(targets[:, 1:], (0, 1), value=IGNORED)
    asked = following != IGNORED
    with _only(model, asked):
        logits = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits
    wanted = rows_of(_head(model), following[asked])
    losses = functional.cross_entropy(logits.float(), wanted, reduction="none")
    return asked.nonzero()[:, 0], losses


@contextmanager
def _only(model: Any, asked: torch.Tensor) -> Iterator[None]:
    """The last layer, the widest of a small model, computes these positions alone, in one row."""
    hook = _head(model).register_forward_pre_hook(lambda _, given: (given[0][asked],))
    try:
        yield
    finally:
        hook.remove()


def _head(model: Any) -> Any:
    return getattr(model, "module", model).get_output_embeddings()


def dpo_loss(
    model: Any,
    chosen: Sequence[Encoded],
    rejected: Sequence[Encoded],
    reference: torch.Tensor,
    *,
    beta: float,
    pad: int,
    device: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """DPO (Rafailov et al. 2023), summed over the pairs; and how many pairs are in the right order.

    ``reference`` is by how much the first model preferred each chosen answer, as log likelihood.
    """
    both = log_likelihoods(model, [*chosen, *rejected], pad, device)
    liked, disliked = both[: len(chosen)], both[len(chosen) :]
    margin = (liked - disliked) - reference.to(device)
    return -functional.logsigmoid(beta * margin).sum(), (margin > 0).sum()
