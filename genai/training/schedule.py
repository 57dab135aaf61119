"""Learning rate schedules: linear warm-up, then cosine or late linear decay."""

import math

from genai.training.settings import FineTuneSettings


def learning_rate(settings: FineTuneSettings, step: int, steps: int) -> float:
    warmup = int(settings.warmup_share * steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    if settings.decay_share is None:
        factor = (1 + math.cos(math.pi * progress)) / 2
    else:
        factor = min(1.0, (steps - step) / (settings.decay_share * steps))
    return settings.learning_rate * (settings.final_share + (1 - settings.final_share) * factor)


def steps_of(settings: FineTuneSettings, per_epoch: int) -> int:
    steps = max(1, math.ceil(settings.epochs * per_epoch))
    return min(steps, settings.max_steps) if settings.max_steps else steps
