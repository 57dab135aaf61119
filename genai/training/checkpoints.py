"""Checkpoints: weights, optimizer state, and step."""

import shutil
from pathlib import Path
from typing import Any

import torch

STATE = "state.pt"
KEPT = 2


def save(folder: Path, state: dict[str, Any]) -> None:
    """Written atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{STATE}.partial"
    torch.save(state, partial)
    partial.replace(folder / STATE)


def load(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(folder / STATE, map_location="cpu", weights_only=True)
    return state


def latest(folder: Path) -> Path | None:
    """The newest complete checkpoint in a folder of checkpoints named after their steps."""
    found = sorted(path.parent for path in folder.glob(f"*/{STATE}"))
    return found[-1] if found else None


def prune(folder: Path) -> None:
    for old in sorted(folder.iterdir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
