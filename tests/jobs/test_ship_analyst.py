import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from genai.errors import Misconfigured
from genai.tracking.no_run import NotRecorded
from genai.training.local_run import fit_here
from genai.training.records import run_folder
from jobs.ship_analyst import ship
from tests.support.training import tiny_data, tiny_model, tuning


def test_the_shipped_folder_has_the_weights_in_half_precision_and_the_figures(
    tmp_path: Path,
) -> None:
    data, begin = tiny_data(tmp_path / "data").resolve(), tiny_model(tmp_path / "tiny")
    settings = tuning(begin, data, max_steps=3, output=str(tmp_path / "runs"))
    run = run_folder(settings, settings.model, data)
    fit_here(settings, settings.model, data, run, NotRecorded())

    ship(settings, tmp_path / "shipped")

    weights = load_file(tmp_path / "shipped/model.safetensors")
    card = json.loads((tmp_path / "shipped/card.json").read_text())
    assert {str(tensor.dtype) for tensor in weights.values()} == {"torch.float16"}
    assert (tmp_path / "shipped/tokenizer.json").is_file()
    assert card["figures"]["steps"] == 3
    assert card["data"]["version"] == data.name


def test_without_a_run_there_is_nothing_to_ship(tmp_path: Path) -> None:
    settings = tuning(tmp_path, tiny_data(tmp_path / "data"), output=str(tmp_path / "runs"))

    with pytest.raises(Misconfigured):
        ship(settings, tmp_path / "shipped")
