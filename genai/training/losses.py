"""What is made small: the surprise at what was said, or the preference for the wrong answer."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from genai.training.encoding import Encoded

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


def surprise(model: Any, encoded: Sequence[Encoded], pad: int, device: str) -> torch.Tensor:
    """Negative log likelihood, summed over all targets."""
    tokens, mask, targets = collate(encoded, pad, device)
    asked = (targets[:, 1:] != IGNORED).any(dim=0).nonzero().flatten()
    logits = model(
        input_ids=tokens, attention_mask=mask, use_cache=False, logits_to_keep=asked
    ).logits
    return functional.cross_entropy(
        logits.flatten(0, 1).float(),
        targets[:, asked + 1].flatten(),
        ignore_index=IGNORED,
        reduction="sum",
    )


def log_likelihoods(model: Any, encoded: Sequence[Encoded], pad: int, device: str) -> torch.Tensor:
    """Of the targets of each sequence."""
    tokens, mask, targets = collate(encoded, pad, device)
    logits = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits
    losses = functional.cross_entropy(
        logits[:, :-1].transpose(1, 2).float(),
        targets[:, 1:],
        ignore_index=IGNORED,
        reduction="none",
    )
    return -losses.sum(dim=1)


def preference(
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
