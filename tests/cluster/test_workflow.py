"""What continuous integration runs, and what it may do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def workflow(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # `on` is no bool
    return found


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


CI = workflow(ROOT / ".github/workflows/ci.yml")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@every_workflow
def test_foreign_code_is_pinned_by_its_commit(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])


@every_workflow
def test_it_may_only_read_and_ends_by_itself(path: Path) -> None:
    assert workflow(path)["permissions"] == {"contents": "read"}
    for job in workflow(path)["jobs"].values():
        assert int(job["timeout-minutes"]) <= 60
        assert "latest" not in job["runs-on"]


@every_workflow
def test_what_strangers_write_is_never_part_of_a_command(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        assert "${{" not in commands(job)


@pytest.mark.parametrize(
    ("job", "command"),
    [
        ("check", "make check"),
        ("check", "make config CONFIG=cluster/gpu/serve_config.yaml"),
        ("test", "make test"),
        ("security", "pip-audit --requirement requirements.lock"),
        ("security", "pip-audit --requirement cluster/docker/requirements-gpu.lock"),
        ("security", "cluster.ci.secrets_scan"),
        ("infrastructure", "cluster.render --check"),
        ("infrastructure", "pytest tests/cluster"),
        ("infrastructure", "docker build --file cluster/docker/Dockerfile"),
    ],
)
def test_each_job_runs_its_checks(job: str, command: str) -> None:
    assert command in commands(CI["jobs"][job])


@every_workflow
def test_the_targets_that_are_made_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for job in workflow(path)["jobs"].values():
        assert set(re.findall(r"^make ([a-z-]+)", commands(job), re.M)) <= targets


@every_workflow
def test_every_file_and_module_that_is_named_exists(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        for module in re.findall(r"-m (cluster[\w.]+)", commands(job)):
            assert (ROOT / (module.replace(".", "/") + ".py")).exists()
        for name in re.findall(r"(?:--requirement|--file) (\S+)", commands(job)):
            assert (ROOT / name).exists()


def test_tools_are_installed_in_a_fixed_version() -> None:
    for job in CI["jobs"].values():
        for package in re.findall(r"pip install .*?(\S+)$", commands(job), re.M):
            assert re.fullmatch(r"[a-z-]+==[\d.]+", package)
