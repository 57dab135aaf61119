"""The sample bank's database, built once a test session."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sample_bank.database import build


@cache
def bank_path() -> Path:
    """Shared by all tests: read-only."""
    folder = Path(tempfile.mkdtemp(prefix="bank-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "bank.sqlite"
    build(path, seed=1)
    return path
