"""Samples to learn from, and jobs that leave no record."""

import random
import sys
from collections.abc import Iterator

import pytest

from genai.training.samples import TextSample


def samples(seed: int, count: int) -> Iterator[TextSample]:
    """A generator for configs of jobs."""
    numbers = random.Random(seed)
    for index in range(count):
        text = f"the fee of account {index} is {numbers.randrange(1000)}"
        yield TextSample(id=str(index), source=f"account:{index}", origin="generated", text=text)


def without_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment without MLflow."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    for module in ("genai.tracking.mlflow_runs", "genai.tracking.store"):
        monkeypatch.delitem(sys.modules, module, raising=False)
