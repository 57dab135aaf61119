"""The training objectives: supervised, or preferences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from genai.training.encoding import Encoded, Pair
from genai.training.losses import dpo_loss, log_likelihoods, negative_log_likelihood

AT_ONCE = 8

Forward = Callable[..., Any]


class Objective(Protocol):
    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each sample."""
        ...

    def weight(self, places: Sequence[int]) -> float:
        """By what the sum of losses of these samples is divided."""
        ...

    def loss(self, model: Any, places: Sequence[int]) -> torch.Tensor:
        """The sum over these samples."""
        ...


@dataclass(frozen=True, slots=True)
class Supervised:
    """Cross entropy, for each token that is to be learnt."""

    samples: Sequence[Encoded]
    pad: int
    device: str

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(one.tokens) for one in self.samples)

    @property
    def said(self) -> set[int]:
        """The tokens that some sample teaches to say."""
        pairs = (zip(one.tokens, one.learnt, strict=True) for one in self.samples)
        return {token for sample in pairs for token, learnt in sample if learnt}

    def weight(self, places: Sequence[int]) -> float:
        return float(sum(self.samples[place].targets for place in places))

    def loss(self, model: Any, places: Sequence[int]) -> torch.Tensor:
        return negative_log_likelihood(
            model, [self.samples[place] for place in places], self.pad, self.device
        )


@dataclass(frozen=True, slots=True)
class Preferred:
    """DPO, for each pair."""

    pairs: Sequence[Pair]
    reference: torch.Tensor
    beta: float
    pad: int
    device: str

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(pair.tokens) for pair in self.pairs)

    def weight(self, places: Sequence[int]) -> float:
        return float(len(places))

    def loss(self, model: Any, places: Sequence[int]) -> torch.Tensor:
        loss, _ = self._measured(model, places)
        return loss

    def accuracy(self, model: Any) -> float:
        """The share of pairs that the model has in the right order, compared with the first one."""
        with torch.no_grad():
            right = [
                self._measured(model, range(start, min(start + AT_ONCE, len(self.pairs))))[1]
                for start in range(0, len(self.pairs), AT_ONCE)
            ]
        return float(sum(right)) / max(1, len(self.pairs))

    def _measured(self, model: Any, places: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        return dpo_loss(
            model,
            [self.pairs[place].chosen for place in places],
            [self.pairs[place].rejected for place in places],
            self.reference[list(places)],
            beta=self.beta,
            pad=self.pad,
            device=self.device,
        )


def preferences_of(model: Any, pairs: Sequence[Pair], pad: int, device: str) -> torch.Tensor:
    """By how much a model that is not trained prefers each chosen answer."""
    found: list[torch.Tensor] = []
    with torch.no_grad():
        for start in range(0, len(pairs), AT_ONCE):
            some = pairs[start : start + AT_ONCE]
            both = [*(pair.chosen for pair in some), *(pair.rejected for pair in some)]
            known = log_likelihoods(model, both, pad, device)
            found.append((known[: len(some)] - known[len(some) :]).float().cpu())
    return torch.cat(found) if found else torch.zeros(0)
