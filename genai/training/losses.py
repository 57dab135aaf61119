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
    """Tokens, attention mask and targets, padded on the right."""
    longest = max(len(one.tokens) for one in encoded)
    tokens = torch.full((len(encoded), longest), pad)
    mask = torch.zeros((len(encoded), longest), dtype=torch.long)
    targets = torch.full((len(encoded), longest), IGNORED)
    for row, one in enumerate(encoded):
        length = len(one.tokens)
        tokens[row, :length] = torch.tensor(one.tokens)
        mask[row, :length] = 1
        target_mask = torch.tensor(one.target_mask)
        targets[row, :length] = torch.where(target_mask, tokens[row, :length], IGNORED)
    return tokens.to(device), mask.to(device), targets.to(device)


def negative_log_likelihood(
    model: Any, encoded: Sequence[Encoded], pad: int, device: str
) -> torch.Tensor:
    """Negative log likelihood, summed over all targets."""
    _, losses = _losses(model, encoded, pad, device)
    return losses.sum()


def log_likelihoods(model: Any, encoded: Sequence[Encoded], pad: int, device: str) -> torch.Tensor:
    """The log likelihood of each sequence's targets."""
    rows, losses = _losses(model, encoded, pad, device)
    return torch.zeros(len(encoded), device=device).index_add(0, rows, -losses)


def _losses(
    model: Any, encoded: Sequence[Encoded], pad: int, device: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """For each target its sequence and its negative log likelihood."""
    tokens, mask, targets = collate(encoded, pad, device)
    following = functional.pad(targets[:, 1:], (0, 1), value=IGNORED)
    positions = following != IGNORED
    with _head_at(model, positions):
        logits = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits
    labels = rows_of(_head(model), following[positions])
    losses = functional.cross_entropy(logits.float(), labels, reduction="none")
    return positions.nonzero()[:, 0], losses


@contextmanager
def _head_at(model: Any, positions: torch.Tensor) -> Iterator[None]:
    """Computes the logits of these positions only, because the output layer is the widest one."""
    hook = _head(model).register_forward_pre_hook(lambda _, inputs: (inputs[0][positions],))
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
    """DPO (Rafailov et al. 2023), summed over the pairs, and the number of pairs ranked correctly.

    ``reference`` has the log-likelihood margin of each chosen answer under the initial model.
    """
    both = log_likelihoods(model, [*chosen, *rejected], pad, device)
    chosen_ll, rejected_ll = both[: len(chosen)], both[len(chosen) :]
    margin = (chosen_ll - rejected_ll) - reference.to(device)
    return -functional.logsigmoid(beta * margin).sum(), (margin > 0).sum()
