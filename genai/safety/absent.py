"""Imports of large packages without what they would load beside them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """As if these packages were not installed, unless they are loaded already.

    spaCy and Presidio load torch and transformers wherever they are installed, for language models
    that are not used here: 0.5 GB and ten seconds of a process that runs patterns.
    """
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]
