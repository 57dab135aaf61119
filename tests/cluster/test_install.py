import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = runpy.run_path(str(ROOT / "cluster/local/install.py"))
Progress, install = MODULE["Progress"], MODULE["install"]


@pytest.mark.parametrize(
    ("lines", "doing"),
    [
        ((), "starting"),
        (("Collecting ray[serve]==2.60.0 (from x)",), "looking for ray[serve]==2.60.0 (package 1)"),
        (("Collecting a", "Collecting b>=2"), "looking for b>=2 (package 2)"),
        (("  Downloading torch-2.9-cp311.whl (184.5 MB)",), "downloading torch-2.9-cp311.whl (184.5 MB)"),
        (("  Downloading https://x/y/a.whl.metadata (3 kB)",), "downloading a.whl.metadata (3 kB)"),
        (("Building wheel for genai-factory (pyproject.toml): started",),
         "building wheel for genai-factory (pyproject.toml): started"),
        (("Installing collected packages: a, b, c",), "unpacking 3 packages"),
        (("Collecting a", "Requirement already satisfied: b"), "looking for a (package 1)"),
    ],
)  # fmt: skip
def test_it_knows_from_what_pip_says_what_pip_is_doing(lines: tuple[str, ...], doing: str) -> None:
    progress = Progress()
    for line in lines:
        progress.hear(f"{line}\n")

    assert str(progress) == doing


def test_it_reports_while_pip_is_busy(tmp_path: Path) -> None:
    reported, said = tmp_path / "reported", []
    waits = (
        "import pathlib, sys, time\n"
        "print('Collecting torch', flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
    )

    def say(text: str) -> None:
        said.append(text)
        if "torch" in text:
            reported.touch()

    code = install("x", (sys.executable, "-c", waits, str(reported)), say, every_s=0.01)

    assert code == 0
    assert said[0] == "Installing x ..."
    assert said[-1].endswith("looking for torch (package 1)")


def test_the_exit_code_is_that_of_pip() -> None:
    assert install("x", (sys.executable, "-c", "raise SystemExit(3)"), str) == 3


def test_pip_accepts_the_environment_that_it_is_to_install_into() -> None:
    script = str(ROOT / "cluster/local/install.py")
    command = [sys.executable, script, "nothing", "--python", sys.executable, "--help"]

    asked = subprocess.run(command, capture_output=True, text=True)

    assert (asked.returncode, asked.stderr) == (0, "")
