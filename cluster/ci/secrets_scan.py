"""Fails if a tracked file seems to contain a secret. Prints the place, not the secret.

    python -m cluster.ci.secrets_scan

A line with the comment ``not a secret`` is exempt.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ALLOWED = "not a secret"
SAMPLES = "tests/genai/safety/"
"""Contain invented secrets, which the assistant's own checks must find."""

KINDS = {
    "private key": re.compile(r"^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----$"),
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b"),
    "OpenAI key": re.compile(r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}\b"),
    "Anthropic key": re.compile(r"\bsk-ant-[A-Za-z0-9_-]{24,}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "password in an address": re.compile(r"\b[a-z]+://[^\s:/@{}<>$]*:[^\s:/@{}<>$]{8,}@[\w.-]+"),
}


def secrets_in(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and kinds of the apparent secrets."""
    for number, line in enumerate(text.splitlines(), 1):
        if ALLOWED not in line:
            yield from ((number, kind) for kind, shape in KINDS.items() if shape.search(line))


def tracked(root: Path) -> Iterator[Path]:
    command = ["git", "-C", str(root), "ls-files", "-z"]
    listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603
    for name in filter(None, listing.split("\0")):
        if (root / name).is_file() and not name.startswith(SAMPLES):
            yield root / name


def main(root: Path) -> int:
    found = [
        f"{path.relative_to(root)}:{number}: {kind}"
        for path in tracked(root)
        for number, kind in secrets_in(path.read_text(errors="ignore"))
    ]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
