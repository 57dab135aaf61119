"""Gives an empty data volume what the image brings: database, model, documents.

    python -m cluster.seed /app/var /data

Safe to run by several pods at once, and again: what is there stays as it is. An entry appears whole
or not at all.
"""

import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path


def seed(source: Path, target: Path) -> list[str]:
    """Copy the entries that are missing; the names of those that were copied."""
    with tempfile.TemporaryDirectory(prefix=".seed-", dir=target) as folder:
        return [
            entry.name
            for entry in sorted(source.iterdir())
            if not (target / entry.name).exists() and _place(entry, Path(folder), target)
        ]


def _place(entry: Path, folder: Path, target: Path) -> bool:
    copied = folder / entry.name
    if entry.is_dir():
        shutil.copytree(entry, copied)
    else:
        shutil.copy(entry, copied)
    with suppress(FileExistsError, OSError):  # another pod was faster
        copied.rename(target / entry.name)
        return True
    return False


def main(argv: list[str]) -> int:
    source, target = map(Path, argv)
    for name in seed(source, target):
        sys.stdout.write(f"{target / name}: copied\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
