from pathlib import Path
from typing import Any

import pytest

from genai.base.tracker import Registry
from genai.tracking.local import LocalRegistry


def mlflow_registry(folder: Path) -> Registry:
    from genai.tracking.registry import MLflowRegistry
    from genai.tracking.store import MLflowStore

    return MLflowRegistry(MLflowStore(folder, {}))


@pytest.fixture(params=[LocalRegistry, pytest.param(mlflow_registry, marks=pytest.mark.jobs)])
def registry(request: Any, tmp_path: Path) -> Registry:
    made: Registry = request.param(tmp_path / "registry")
    return made


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def test_versions_are_numbered_and_keep_their_weights(registry: Registry, weights: Path) -> None:
    first = registry.register("bank", weights, run_id="", tags={"data": "1"})
    (weights / "config.json").write_text('{"changed": true}')
    second = registry.register("bank", weights, run_id="", tags={})

    assert (first.version, second.version) == (1, 2)
    assert (Path(first.folder) / "config.json").read_text() == "{}"
    assert first.tags["data"] == "1"


def test_an_alias_moves_from_version_to_version(registry: Registry, weights: Path) -> None:
    first = registry.register("bank", weights, run_id="", tags={})
    second = registry.register("bank", weights, run_id="", tags={})
    registry.appoint(first, "champion")
    registry.appoint(second, "champion")

    found = registry.find("bank", "champion")
    assert found is not None
    assert found.version == 2
    registry.dismiss("bank", "champion")
    registry.dismiss("bank", "champion")
    assert registry.find("bank", "champion") is None


def test_tags_are_returned_with_the_version(registry: Registry, weights: Path) -> None:
    made = registry.register("bank", weights, run_id="", tags={})
    registry.note(made, {"reason": "better"})

    found = registry.find("bank", "1")
    assert found is not None
    assert found.tags["reason"] == "better"


def test_unknown_models_and_versions_are_not_found(registry: Registry, weights: Path) -> None:
    assert registry.find("bank", "champion") is None
    registry.register("bank", weights, run_id="", tags={})
    assert registry.find("bank", "7") is None


@pytest.mark.jobs
def test_a_registered_model_has_a_signature_and_can_be_loaded_by_mlflow(tmp_path: Path) -> None:
    import mlflow
    import pandas as pd

    from genai.llms.random_llama import LlamaRecipe, make_random_llama

    make_random_llama(
        tmp_path / "llama",
        ["a card costs 12"],
        LlamaRecipe(vocab_size=300, hidden_size=64, layers=1),
    )
    made = mlflow_registry(tmp_path / "registry").register(
        "bank", tmp_path / "llama", run_id="", tags={}
    )

    loaded = mlflow.pyfunc.load_model(made.uri)
    assert loaded.metadata.signature.inputs.input_names() == ["prompt"]
    assert loaded.input_example is not None
    [said] = loaded.predict(pd.DataFrame({"prompt": ["hello"]}))
    assert isinstance(said, str)
