"""The command line that the jobs share that train a classifier of texts for the safety checks."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def parse_args(
    argv: Sequence[str] | None, about: str, config: Path, shipped: Path
) -> argparse.Namespace:
    """``shipped`` is where the project keeps the model."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data")
    parser.add_argument("--config", type=Path, default=config)
    parser.add_argument("--out", type=Path, default=shipped)
    parser.add_argument("--no-figures", action="store_true")
    return parser.parse_args(argv)
