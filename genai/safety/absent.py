"""Hides installed packages from imports."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """Within the block these packages seem not to be installed, unless they are loaded already.

    spaCy and Presidio import torch and transformers wherever they can, for models that are not used
    here. That would cost a process that only runs patterns 0.5 GB and ten seconds.
    """
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]
