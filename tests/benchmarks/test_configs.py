from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import configs
from deployments.config import load, mistakes_in


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])


def deployments(config: configs.Config) -> list[str]:
    return [deployment["name"] for deployment in config["applications"][0]["deployments"]]


def scripted() -> configs.Config:
    return configs.scripted(configs.shipped())


def in_one_process() -> configs.Config:
    return configs.inline(scripted())


def with_engine() -> configs.Config:
    return configs.with_model(configs.shipped(), Path("elsewhere"))


@pytest.mark.parametrize("make", [scripted, in_one_process, with_engine])
def test_every_configuration_is_valid(make: Callable[[], configs.Config]) -> None:
    assert list(mistakes_in(make())) == []


def test_a_written_configuration_can_be_read_again(tmp_path: Path) -> None:
    path = configs.write(scripted(), tmp_path / "new" / "scripted.yaml")

    assert load(path) == scripted()


def test_the_placement_that_ships_is_the_one_that_is_measured() -> None:
    assert deployments(scripted()) == deployments(configs.shipped())


def test_only_the_ingress_is_left_when_everything_is_inline() -> None:
    settings = configs.settings_of(in_one_process())

    assert deployments(in_one_process()) == ["Ingress"]
    assert {llm.placement for llm in settings.llms.values()} == {"inline"}
    assert set(dict(settings.placement).values()) == {"inline"}
