from pathlib import Path

import pytest

from genai.errors import ModelUnavailable
from genai.llms.vllm.adapter_files import CONFIG, WEIGHTS, check_adapter
from genai.settings.models import AdapterLimits
from tests.support.adapters import LAYERS, write_adapter

LIMITS = AdapterLimits(max_rank=8, max_mb=1)


def test_a_plain_adapter_of_the_model_passes(tmp_path: Path) -> None:
    check_adapter(write_adapter(tmp_path), LIMITS, LAYERS)


def test_the_shapes_are_not_compared_with_a_model_that_nobody_knows(tmp_path: Path) -> None:
    check_adapter(write_adapter(tmp_path, {"other.q_proj": (4, 4)}), LIMITS, {})


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"rank": 16}, "rank 16"),
        ({"rank_pattern": {"q_proj": 32}}, "rank 32"),
        ({"layers": {"model.layers.7.self_attn.q_proj": (8, 8)}}, "other layers"),
        ({"layers": {"model.layers.0.self_attn.q_proj": (16, 8)}}, "other sizes"),
        ({"layers": {"model.layers.0.self_attn.q_proj": (8, 16)}}, "other sizes"),
        ({"peft_type": "IA3"}, "plain LoRA"),
        ({"use_dora": True}, "plain LoRA"),
        ({"modules_to_save": ["lm_head"]}, "whole layers"),
        ({"r": "many"}, CONFIG),
    ],
)
def test_adapters_that_the_engine_does_not_support_are_refused(
    fields: dict[str, object], why: str, tmp_path: Path
) -> None:
    folder = write_adapter(tmp_path, **fields)  # type: ignore[arg-type]

    with pytest.raises(ModelUnavailable, match=why):
        check_adapter(folder, LIMITS, LAYERS)


def test_an_adapter_that_is_too_large_is_refused(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path, {"model.layers.0.self_attn.q_proj": (100_000, 8)})

    with pytest.raises(ModelUnavailable, match=r"1\.\d MB"):
        check_adapter(folder, LIMITS, LAYERS)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_weights_that_are_cut_off_are_refused(keep: int, tmp_path: Path) -> None:
    weights = write_adapter(tmp_path) / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:keep])

    with pytest.raises(ModelUnavailable, match="weights"):
        check_adapter(tmp_path, LIMITS, LAYERS)


def test_a_folder_without_an_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=CONFIG):
        check_adapter(tmp_path / "nowhere", LIMITS, LAYERS)
    write_adapter(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(ModelUnavailable, match=WEIGHTS):
        check_adapter(tmp_path, LIMITS, LAYERS)
