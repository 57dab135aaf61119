"""`requirements.lock` fits every Python that `pyproject.toml` promises."""

import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKED = dict(line.split("==") for line in (ROOT / "requirements.lock").read_text().split())


def oldest_python() -> str:
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    return str(promised).removeprefix(">=") + ".0"


def pinned() -> list[Distribution]:
    """The packages of this environment that are as the lock wants them."""
    return [
        each
        for each in distributions()
        if LOCKED.get(canonicalize_name(each.metadata["Name"])) == each.version
    ]


def test_most_of_the_lock_is_installed_here() -> None:
    assert len(pinned()) > len(LOCKED) / 2


@pytest.mark.parametrize("package", pinned(), ids=lambda package: package.metadata["Name"])
def test_a_locked_package_can_be_installed_by_the_oldest_python(package: Distribution) -> None:
    wanted = SpecifierSet(package.metadata["Requires-Python"] or "")

    assert oldest_python() in wanted
