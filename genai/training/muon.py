"""Muon: momentum steps, orthogonalised, for matrices; AdamW for the rest.

Steps have the size of AdamW's, so one learning rate serves both. Computed in single precision, because CPUs
without bfloat16 would emulate it.
"""

from typing import Any

import torch
from torch import Tensor

MOMENTUM = 0.95
ROUNDS = 5
A, B, C = 3.4445, -4.7750, 2.0315
"""The polynomial that each round applies to the singular values, which brings them near one."""

RMS = 0.2
"""Of a step of AdamW, as a share of the learning rate."""


class Muon(torch.optim.AdamW):
    """Groups with ``orthogonal`` hold matrices, the others are AdamW's."""

    def __init__(self, groups: list[dict[str, Any]], lr: float, betas: tuple[float, float]) -> None:
        super().__init__([{"orthogonal": False, **group} for group in groups], lr=lr, betas=betas)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            if group["orthogonal"]:
                self._step(group)
        super().step(closure)

    def _step(self, group: dict[str, Any]) -> None:
        """Matrices of one shape together. Without their gradients AdamW passes them over."""
        by_shape: dict[torch.Size, list[Tensor]] = {}
        for matrix in group["params"]:
            if matrix.grad is not None:
                by_shape.setdefault(matrix.shape, []).append(matrix)
        for shape, alike in by_shape.items():
            steps = orthogonal(torch.stack([self._momentum(matrix) for matrix in alike]))
            size = group["lr"] * RMS * max(shape) ** 0.5
            for matrix, step in zip(alike, steps, strict=True):
                matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(step, alpha=-size)
                matrix.grad = None

    def _momentum(self, matrix: Tensor) -> Tensor:
        gradient = matrix.grad
        assert gradient is not None
        state = self.state[matrix]
        state.setdefault("step", torch.tensor(0.0))  # AdamW looks for it when it loads a state
        kept: Tensor = state.setdefault("momentum", torch.zeros_like(gradient))
        kept.lerp_(gradient, 1 - MOMENTUM)
        ahead: Tensor = gradient.float().lerp(kept.float(), MOMENTUM)
        return ahead


def orthogonal(matrices: Tensor) -> Tensor:
    """Each of the matrices with its singular values near one."""
    tall = matrices.shape[1] > matrices.shape[2]
    wide = matrices.transpose(1, 2) if tall else matrices
    wide = wide / (wide.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        gram = wide @ wide.transpose(1, 2)
        wide = A * wide + (B * gram + C * gram @ gram) @ wide
    made: Tensor = wide.transpose(1, 2) if tall else wide
    return made
