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
    """The commit of this code, with ``+`` when it was edited since; empty where nobody knows.

    An image has no repository; it is told the commit in the environment. Nor has the copy that a
    submitted job runs in; its home has.
    """
    told = os.environ.get(COMMIT_ENV)
    if told:
        return told
    commit = _git("rev-parse", "HEAD")
    edited = commit and _git("status", "--porcelain", "--untracked-files=no")
    return commit + ("+" if edited else "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - every word is ours
            ["git", *words],  # noqa: S607 - wherever it is installed
            cwd=os.environ.get(HOME_ENV, PROJECT),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
