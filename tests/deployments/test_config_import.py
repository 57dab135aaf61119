from pathlib import Path

import pytest

from deployments.config_import import mistake_in_import

MODULE = """
import os.path as paths
from json import *
raise SystemExit("imported")
def build(): ...
async def later(): ...
class App: ...
if True:
    app = typed = 1
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "started_by_its_import.py"
    path.write_text(MODULE.replace("from json import *\n", ""))
    return path


@pytest.mark.parametrize("name", ["build", "later", "App", "app", "typed", "paths"])
def test_what_a_module_defines_is_found_without_importing_it(module: Path, name: str) -> None:
    assert mistake_in_import(f"started_by_its_import:{name}") is None
    assert mistake_in_import(f"started_by_its_import.{name}") is None


def test_what_it_does_not_define_is_a_mistake(module: Path) -> None:
    said = "started_by_its_import has no bild"
    assert mistake_in_import("started_by_its_import:bild") == said


def test_a_module_may_take_its_names_from_another(module: Path) -> None:
    module.write_text(MODULE)

    assert mistake_in_import("started_by_its_import:anything") is None


@pytest.mark.parametrize("path", ["nowhere.at_all:build", "no_such_module_here:build"])
def test_a_module_that_does_not_exist_is_a_mistake(path: str) -> None:
    assert mistake_in_import(path) == f"there is no module {path.partition(':')[0]}"


@pytest.mark.parametrize("path", ["", "build", ":build", "..:x"])
def test_what_is_no_path_is_a_mistake(path: str) -> None:
    assert mistake_in_import(path) is not None
