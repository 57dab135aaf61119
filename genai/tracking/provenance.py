"""The provenance of an artefact: the commit of the code."""

import os
import subprocess
from functools import cache
from pathlib import Path

COMMIT_ENV = "GIT_COMMIT"
HOME_ENV = "GENAI_HOME"
PROJECT = Path(__file__).resolve().parents[2]


@cache
def git_commit() -> str:
    """The commit of this code, with ``+`` for uncommitted changes; empty if it is not known.

    Images have no repository and get the commit by ``GIT_COMMIT``. A submitted job runs in a copy
    without one; ``GENAI_HOME`` is then the folder of the repository.
    """
    configured = os.environ.get(COMMIT_ENV)
    if configured:
        return configured
    commit = _git("rev-parse", "HEAD")
    edited = commit and _git("status", "--porcelain", "--untracked-files=no")
    return commit + ("+" if edited else "")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - every word is ours
            ["git", *arguments],  # noqa: S607 - wherever it is installed
            cwd=os.environ.get(HOME_ENV, PROJECT),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
