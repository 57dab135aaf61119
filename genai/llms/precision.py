"""Which number format a model is computed in."""

from collections.abc import Callable

import torch


def computes_bfloat16() -> bool:
    """Whether this machine's CPU has instructions for it."""
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return supported


def on_cpu(dtype: str, computes: Callable[[], bool] = computes_bfloat16) -> str:
    """What to load a model with on a CPU; ``auto`` may become ``float32``.

    Without instructions for it, bfloat16 takes ten times as long as float32.
    """
    return "float32" if dtype == "auto" and not computes() else dtype
