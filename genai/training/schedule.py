"""The learning rate of each step: up in a line, then down along a cosine."""

import math

from genai.training.settings import FineTuneSettings


def learning_rate(settings: FineTuneSettings, step: int, steps: int) -> float:
    warmup = int(settings.warmup_share * steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    way = (step - warmup) / max(1, steps - warmup)
    share = settings.final_share + (1 - settings.final_share) * (1 + math.cos(math.pi * way)) / 2
    return settings.learning_rate * share


def steps_of(settings: FineTuneSettings, per_epoch: int) -> int:
    wanted = max(1, math.ceil(settings.epochs * per_epoch))
    return min(wanted, settings.max_steps) if settings.max_steps else wanted
