from pathlib import Path
from typing import Any

import pytest

from deployments.config_files import missing_files
from genai.settings.application import Settings

ANALYST = {"backend": "analyst", "model": "m", "examples": "sql.yaml", "words": "words.yaml"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that has all that the settings below name."""
    for folder in ("documents", "models/mine", "var"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("routes.yaml", "sql.yaml", "words.yaml", "figures.sqlite"):
        (tmp_path / file).touch()
    return tmp_path


def settings(**changes: Any) -> Settings:
    args: dict[str, Any] = {
        "llms": {
            "m": {"backend": "vllm", "model": "models/mine"},
            "analyst": dict(ANALYST),
        },
        "chat": {"llm": "m"},
        "rag": {"llm": "m", "documents": "documents"},
        "agent": {"llm": "analyst", "tools": [{"tool": "sql", "url": "sqlite:///figures.sqlite"}]},
        "routing": {"examples": "routes.yaml"},
    }
    for dotted, value in changes.items():
        *path, last = dotted.split("__")
        place = args
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return Settings.model_validate(args)


def missing(root: Path, **changes: Any) -> list[tuple[str, str, bool]]:
    found = missing_files(settings(**changes), root)
    return [(each.where, each.path, each.certain) for each in found]


def test_a_project_that_has_everything_lacks_nothing(root: Path) -> None:
    assert missing(root) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rag__documents", "no-documents"),
        ("routing__weights", "no-weights.json"),
        ("routing__examples", "no-examples.yaml"),
        ("llms__m__model", "models/of/nobody"),
        ("llms__m__model", "models/nobody"),
        ("llms__m__model", "./nobody"),
        ("llms__analyst__examples", "no-examples.yaml"),
        ("llms__analyst__words", "no-words.yaml"),
        ("llms__analyst__reader", "no-reader.npz"),
        ("embedder__model", "no-embedder"),
        ("rag__reranker__model", "models/no-reranker"),
        ("safety__injection__classifier", "models/no-classifier"),
    ],
)
def test_what_the_project_lacks_is_told_with_its_setting(
    root: Path, setting: str, value: str
) -> None:
    assert missing(root, **{setting: value}) == [(setting.replace("__", "."), value, True)]


def test_few_shot_examples_and_databases_are_told(root: Path) -> None:
    shots = {"examples": "no-shots.yaml"}
    tools = [
        {"tool": "sql", "url": "sqlite:///no.sqlite"},
        {"tool": "sql", "name": "other", "url": "sqlite:///no.sqlite", "url_env": "ELSEWHERE"},
    ]

    assert missing(root, rag__few_shot=shots, agent__tools=tools) == [
        ("rag.few_shot.examples", "no-shots.yaml", True),
        ("agent.tools.sql.url", "no.sqlite", True),
    ]


@pytest.mark.parametrize("name", ["gpt2", "Qwen/Qwen2.5-0.5B-Instruct"])
def test_a_name_on_a_hub_is_no_folder(root: Path, name: str) -> None:
    assert missing(root, llms__m__model=name) == []


def test_data_and_absolute_paths_may_exist_on_another_machine(root: Path) -> None:
    absolute = str(root / "volume" / "model")

    assert missing(root, rag__documents="var/documents", llms__m__model=absolute) == [
        ("rag.documents", "var/documents", False),
        ("llms.m.model", absolute, False),
    ]


def test_the_sample_database_is_created_when_it_is_needed(root: Path) -> None:
    tools = [{"tool": "sql", "url": "sqlite:///var/bank.sqlite"}, {"tool": "calculator"}]

    assert missing(root, agent__tools=tools) == []
