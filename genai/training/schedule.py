"""Learning rate schedules: linear warm-up, then cosine or late linear decay."""

import math

from genai.training.settings import FineTuneSettings


def learning_rate(settings: FineTuneSettings, step: int, steps: int) -> float:
    warmup = int(settings.warmup_share * steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    way = (step - warmup) / max(1, steps - warmup)
    if settings.decay_share is None:
        left = (1 + math.cos(math.pi * way)) / 2
    else:
        left = min(1.0, (steps - step) / (settings.decay_share * steps))
    return settings.learning_rate * (settings.final_share + (1 - settings.final_share) * left)


def steps_of(settings: FineTuneSettings, per_epoch: int) -> int:
    wanted = max(1, math.ceil(settings.epochs * per_epoch))
    return min(wanted, settings.max_steps) if settings.max_steps else wanted
