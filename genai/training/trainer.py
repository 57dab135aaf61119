"""The training loop. Steps depend only on the seed and their number, unless a time limit ends the run."""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from genai.base.tracker import Figures
from genai.training.batches import BatchPlan, micro_batches
from genai.training.objectives import Objective
from genai.training.optimizers import optimizer_of
from genai.training.schedule import learning_rate, steps_of
from genai.training.settings import FineTuneSettings
from genai.training.throughput import ModelDimensions, peak_flops
from genai.training.worker import Worker

logger = logging.getLogger(__name__)

State = dict[str, Any]


class Sink(Protocol):
    """Receives metrics and checkpoints. All workers make the same calls."""

    def metrics(self, values: Figures, step: int) -> None: ...

    def checkpoint(self, state: State | None, step: int) -> None:
        """Save the state, which is None except on the first worker."""
        ...


@dataclass(slots=True)
class Progress:
    """The resumable progress of a run. ``losses`` has one per step."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0
    flops: float = 0.0


class Trainer:
    def __init__(
        self,
        settings: FineTuneSettings,
        model: Any,
        objective: Objective,
        validation: Objective | None,
        *,
        worker: Worker,
        shape: ModelDimensions,
    ) -> None:
        self.progress = Progress()
        self.validation_losses: dict[int, float] = {}
        self._settings = settings
        self._model = model
        self._objective = objective
        self._validation = validation
        self._worker = worker
        self._shape = shape
        self._lengths = objective.lengths
        self._plan = BatchPlan(self._lengths, settings.batch_size, settings.seed)
        self.steps = steps_of(settings, self._plan.per_epoch)
        self._optimizer = optimizer_of(model, settings)
        self._scaler = worker.scaler(settings.precision)

    def resume(self, state: State) -> None:
        """Restore a checkpoint of a run with the same settings."""
        self._worker.restore(self._model, self._optimizer, state["weights"], state["moments"])
        self._scaler.load_state_dict(state["scaler"])
        self.progress = Progress(**state["progress"])
        self.validation_losses = dict(state["validation"])

    def run(self, sink: Sink) -> None:
        if not self.progress.step:
            self._evaluate(sink)
        while self._schedule_position() < self.steps:
            figures = self._step(self.progress.step)
            self.progress.step += 1
            step = self.progress.step
            last = self._schedule_position() >= self.steps
            if step % self._settings.report_every == 0 or last:
                sink.metrics(figures, step)
                self._log(figures)
            if step % self._settings.evaluate_every == 0 or last:
                self._evaluate(sink)
            if step % self._settings.checkpoint_every == 0 or last:
                sink.checkpoint(self._state(), step)

    def _schedule_position(self) -> int:
        """The position in the schedule: the step, or further ahead by the clock if ``minutes`` is set."""
        minutes = self._settings.minutes
        if minutes is None:
            return self.progress.step
        return max(self.progress.step, int(self.steps * self.progress.seconds / 60 / minutes))

    def _log(self, figures: Figures) -> None:
        if self._worker.first:
            rounded = {name: float(f"{value:.4g}") for name, value in figures.items()}
            logger.info("trained", extra={"step": self.progress.step, "of": self.steps, **rounded})

    def _step(self, step: int) -> dict[str, float]:
        started = time.perf_counter()
        rate = learning_rate(self._settings, self._schedule_position(), self.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        # Seeded per step, so that dropout is the same after a resume.
        torch.manual_seed((self._settings.seed * 1_000_003 + step) * 1_009 + self._worker.rank)
        self._model.train()
        batch = self._plan.batch(step)
        (loss,) = self._worker.sum(self._backward(step, batch))
        norm = self._update()
        self._count(batch, time.perf_counter() - started)
        self.progress.losses.append(loss)
        return {
            "loss": loss,
            "learning_rate": rate,
            "gradient_norm": norm,
            "tokens_per_s": self.tokens_per_s,
            **({"mfu": self.mfu} if self.mfu is not None else {}),
        }

    def _backward(self, step: int, batch: Sequence[int]) -> float:
        """Computes the gradients. Returns this worker's part of the mean loss."""
        worker, size = self._worker, self._settings.micro_batch_size
        count = math.ceil(math.ceil(len(batch) / worker.world) / size)
        weight = self._objective.weight(batch)
        total = 0.0
        parts = micro_batches(self._plan.share(step, worker.rank, worker.world), size, count)
        for index, part in enumerate(parts):
            with worker.syncing(self._model, last=index == count - 1):
                with worker.autocast(self._settings.precision):
                    # A worker without samples must still take part in exchanging gradients.
                    loss = self._objective.loss(self._model, part or batch[:1]) / weight
                    loss = loss if part else loss * 0.0
                torch.autograd.backward(self._scaler.scale(loss * worker.world))
            total += float(loss.detach())
        return total

    def _update(self) -> float:
        self._scaler.unscale_(self._optimizer)
        trained = [p for group in self._optimizer.param_groups for p in group["params"]]
        norm = torch.nn.utils.clip_grad_norm_(trained, self._settings.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad(set_to_none=True)
        whole = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
        return float(whole)

    def _count(self, batch: Sequence[int], seconds: float) -> None:
        lengths = [self._lengths[index] for index in batch]
        self.progress.tokens += sum(lengths)
        self.progress.flops += self._shape.flops(sum(lengths), sum(n * n for n in lengths))
        self.progress.seconds += seconds

    @property
    def tokens_per_s(self) -> float:
        return self.progress.tokens / max(self.progress.seconds, 1e-9)

    @property
    def mfu(self) -> float | None:
        """The model FLOPs utilization; None for unknown chips."""
        peak = peak_flops(self._worker.device_name, self._settings.precision)
        if peak is None:
            return None
        return self.progress.flops / max(self.progress.seconds, 1e-9) / peak / self._worker.world

    def _evaluate(self, sink: Sink) -> None:
        if self._validation is None:
            return
        self._model.eval()
        count = len(self._validation.lengths)
        size = self._settings.micro_batch_size * self._worker.world
        loss = 0.0
        with torch.no_grad(), self._worker.autocast(self._settings.precision):
            for start in range(0, count, size):
                block = range(start, min(start + size, count))
                share = block[self._worker.rank :: self._worker.world]
                # With fsdp, all workers must take part in each forward pass.
                block_loss = self._validation.loss(self._model, share or block[:1])
                loss += float(block_loss) if share else 0.0
        (loss,) = self._worker.sum(loss)
        loss /= self._validation.weight(range(count))
        self.validation_losses[self.progress.step] = loss
        sink.metrics({"validation_loss": loss}, self.progress.step)

    def _state(self) -> State | None:
        weights, moments = self._worker.state_of(self._model, self._optimizer)
        if not self._worker.first:
            return None
        progress = self.progress
        return {
            "weights": weights,
            "moments": moments,
            "scaler": self._scaler.state_dict(),
            "progress": {
                "step": progress.step,
                "losses": list(progress.losses),
                "tokens": progress.tokens,
                "seconds": progress.seconds,
                "flops": progress.flops,
            },
            "validation": dict(self.validation_losses),
        }
