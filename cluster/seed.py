"""Copies the data of the image to an empty volume: database, model, documents.

    python -m cluster.seed /app/var /data

Idempotent and safe for several pods at once: existing entries stay, and each entry is copied
atomically.
"""

import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path


def seed(source: Path, target: Path) -> list[str]:
    """Copies missing entries, and returns their names."""
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
