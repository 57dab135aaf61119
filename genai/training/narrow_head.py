"""An output head restricted to the tokens that occur in the answers.

A small model with a large vocabulary spends a third of its time on logits of tokens that no answer has. It
is trained without them; afterwards they are as unlikely as padding.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

PADDING = 0
"""The row of the padding, which is never a target and so becomes unlikely everywhere."""


class NarrowHead(torch.nn.Module):
    """``rows`` maps each token of the vocabulary to its row; other tokens have that of the padding."""

    rows: Tensor

    def __init__(self, wide: Tensor, tokens: Iterable[int], pad: int) -> None:
        super().__init__()
        kept = torch.tensor([pad, *sorted({*tokens} - {pad})], device=wide.device)
        rows = torch.full((len(wide),), PADDING, device=wide.device)
        rows[kept] = torch.arange(len(kept), device=wide.device)
        self.weight = torch.nn.Parameter(wide.detach()[kept].clone())
        self.register_buffer("rows", rows, persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        return torch.nn.functional.linear(hidden, self.weight)

    def wide(self) -> Tensor:
        return self.weight.detach()[self.rows]


def narrow(model: Any, tokens: Iterable[int], pad: int) -> None:
    """Replaces the head of the model by a narrow one."""
    head = model.get_output_embeddings()
    model.set_output_embeddings(NarrowHead(head.weight, tokens, pad))


def widen(model: Any) -> None:
    """Replaces a narrow head by an ordinary one; other heads are left alone."""
    head = model.get_output_embeddings()
    if isinstance(head, NarrowHead):
        table = head.wide()
        wide = torch.nn.Linear(table.shape[1], table.shape[0], bias=False, dtype=table.dtype)
        wide.weight = torch.nn.Parameter(table)
        model.set_output_embeddings(wide)


def rows_of(head: Any, tokens: Tensor) -> Tensor:
    """The rows of these tokens in the head."""
    return head.rows[tokens] if isinstance(head, NarrowHead) else tokens
