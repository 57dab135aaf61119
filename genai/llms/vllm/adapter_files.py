"""Validates the files of a LoRA adapter before an engine loads them.

A bad adapter can crash a running engine, with every request in it.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from genai.errors import ModelUnavailable
from genai.settings.models import AdapterLimits

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"

MAX_HEADER_BYTES = 100_000_000

Layers = Mapping[str, tuple[int, int]]
"""The input and output sizes of each linear layer of a model."""


class Config(BaseModel):
    """The fields of PEFT's configuration that are checked."""

    peft_type: str
    r: int
    rank_pattern: dict[str, int] = {}
    bias: str = "none"
    use_dora: bool = False
    modules_to_save: list[str] | None = None

    @property
    def rank(self) -> int:
        return max(self.r, *self.rank_pattern.values(), 0)


def check_adapter(folder: Path, limits: AdapterLimits, layers: Layers) -> None:
    """Raises `ModelUnavailable` with the reason. Without ``layers``, shapes are not compared."""
    config = _config(folder)
    if config.peft_type.upper() != "LORA" or config.use_dora or config.bias != "none":
        raise ModelUnavailable("the adapter is not a plain LoRA adapter")
    if config.modules_to_save:
        raise ModelUnavailable("the adapter has whole layers beside its matrices")
    if config.rank > limits.max_rank:
        raise ModelUnavailable(
            f"the adapter has rank {config.rank}; adapters.max_rank is {limits.max_rank}"
        )
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelUnavailable(f"the adapter has no {WEIGHTS}")
    megabytes = weights.stat().st_size / 1e6
    if megabytes > limits.max_mb:
        raise ModelUnavailable(
            f"the adapter has {megabytes:.1f} MB; adapters.max_mb is {limits.max_mb:g}"
        )
    shapes = _shapes(weights)
    if layers:
        _compare(shapes, layers)


def _config(folder: Path) -> Config:
    try:
        return Config.model_validate_json((folder / CONFIG).read_text())
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise ModelUnavailable(f"the adapter has no readable {CONFIG}") from error


def _shapes(weights: Path) -> dict[str, list[int]]:
    """The shape of each matrix, from the header. Checks that the file has the size the header implies."""
    try:
        with weights.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > MAX_HEADER_BYTES:
                raise ValueError("no header")
            header: dict[str, Any] = json.loads(file.read(size))
        header.pop("__metadata__", None)
        end = max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
        shapes = {name: list(map(int, tensor["shape"])) for name, tensor in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable("the adapter's weights cannot be read") from error
    if weights.stat().st_size != 8 + size + end:
        raise ModelUnavailable("the adapter's weights are cut off")
    return shapes


def _compare(shapes: Mapping[str, list[int]], layers: Layers) -> None:
    """Checks that the matrices fit the layers of the model that they are named after."""
    for name, shape in shapes.items():
        layer, _, part = name.removeprefix("base_model.model.").partition(".lora_")
        sizes = layers.get(layer)
        if sizes is None or len(shape) != 2 or not math.prod(shape):
            raise ModelUnavailable("the adapter is for another model: it has other layers")
        if shape[1 if part.startswith("A") else 0] != sizes[0 if part.startswith("A") else 1]:
            raise ModelUnavailable("the adapter is for another model: its layers have other sizes")
