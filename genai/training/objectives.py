"""The training objectives: supervised, or preferences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from genai.training.encoding import Encoded, PreferencePair
from genai.training.losses import dpo_loss, log_likelihoods, negative_log_likelihood

PAIRS_PER_BATCH = 8

Forward = Callable[..., Any]


class Objective(Protocol):
    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each sample."""
        ...

    def weight(self, indices: Sequence[int]) -> float:
        """The divisor that turns the sum of these losses into a mean."""
        ...

    def loss(self, model: Any, indices: Sequence[int]) -> torch.Tensor:
        """The sum of the losses of these samples."""
        ...


@dataclass(frozen=True, slots=True)
class Supervised:
    """Cross entropy of each target token."""

    samples: Sequence[Encoded]
    pad: int
    device: str

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(one.tokens) for one in self.samples)

    @property
    def target_tokens(self) -> set[int]:
        """The tokens that are a target in any sample."""
        pairs = (zip(one.tokens, one.target_mask, strict=True) for one in self.samples)
        return {token for sample in pairs for token, is_target in sample if is_target}

    def weight(self, indices: Sequence[int]) -> float:
        return float(sum(self.samples[index].targets for index in indices))

    def loss(self, model: Any, indices: Sequence[int]) -> torch.Tensor:
        return negative_log_likelihood(
            model, [self.samples[index] for index in indices], self.pad, self.device
        )


@dataclass(frozen=True, slots=True)
class Preferred:
    """DPO, for each pair."""

    pairs: Sequence[PreferencePair]
    reference: torch.Tensor
    beta: float
    pad: int
    device: str

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(pair.tokens) for pair in self.pairs)

    def weight(self, indices: Sequence[int]) -> float:
        return float(len(indices))

    def loss(self, model: Any, indices: Sequence[int]) -> torch.Tensor:
        loss, _ = self._loss_and_correct(model, indices)
        return loss

    def accuracy(self, model: Any) -> float:
        """The share of pairs that the model ranks correctly, relative to the reference."""
        with torch.no_grad():
            correct = [
                self._loss_and_correct(
                    model, range(start, min(start + PAIRS_PER_BATCH, len(self.pairs)))
                )[1]
                for start in range(0, len(self.pairs), PAIRS_PER_BATCH)
            ]
        return float(sum(correct)) / max(1, len(self.pairs))

    def _loss_and_correct(
        self, model: Any, indices: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return dpo_loss(
            model,
            [self.pairs[index].chosen for index in indices],
            [self.pairs[index].rejected for index in indices],
            self.reference[list(indices)],
            beta=self.beta,
            pad=self.pad,
            device=self.device,
        )


def preferences_of(
    model: Any, pairs: Sequence[PreferencePair], pad: int, device: str
) -> torch.Tensor:
    """The log-likelihood margin of each chosen answer under the untrained model."""
    found: list[torch.Tensor] = []
    with torch.no_grad():
        for start in range(0, len(pairs), PAIRS_PER_BATCH):
            some = pairs[start : start + PAIRS_PER_BATCH]
            both = [*(pair.chosen for pair in some), *(pair.rejected for pair in some)]
            likelihoods = log_likelihoods(model, both, pad, device)
            found.append((likelihoods[: len(some)] - likelihoods[len(some) :]).float().cpu())
    return torch.cat(found) if found else torch.zeros(0)
