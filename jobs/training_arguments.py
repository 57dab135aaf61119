"""The command line of the jobs that train classifiers of the safety checks."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml

from genai.safety.training.settings import TrainingSettings

Settings = TypeVar("Settings", bound=TrainingSettings)


def parse_args(
    argv: Sequence[str] | None, about: str, config: Path, shipped: Path
) -> argparse.Namespace:
    """``shipped`` is the path of the shipped model."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data")
    parser.add_argument("--config", type=Path, default=config)
    parser.add_argument("--out", type=Path, default=shipped)
    parser.add_argument("--no-figures", action="store_true")
    parser.add_argument("--seed", type=int, help="instead of that of the settings")
    return parser.parse_args(argv)


def settings_of(args: argparse.Namespace, shape: type[Settings]) -> Settings:
    told = yaml.safe_load(args.config.read_text())
    return shape.model_validate(told if args.seed is None else {**told, "seed": args.seed})
