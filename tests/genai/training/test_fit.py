import json
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from transformers import AutoModelForCausalLM

from genai.errors import Misconfigured
from genai.tracking.no_run import NotRecorded
from genai.training import checkpoints
from genai.training.fit import TrainingResult, fit
from genai.training.local_run import FolderSink, fit_here
from genai.training.settings import FineTuneSettings
from genai.training.trainer import State
from tests.support.training import pairs_data, tuning


class Killed(Exception):
    pass


class KilledAfter(FolderSink):
    """A worker that dies after a step: what it does after its last checkpoint is lost."""

    def __init__(self, folder: Path, step: int) -> None:
        super().__init__(folder, NotRecorded())
        self._step = step

    def metrics(self, values: Any, step: int) -> None:
        if step == self._step:
            raise Killed


def run(settings: FineTuneSettings, folder: Path) -> TrainingResult:
    return fit_here(settings, settings.model, Path(settings.data), folder, NotRecorded())


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = AutoModelForCausalLM.from_pretrained(
        folder / "model", dtype=torch.float32
    ).state_dict()
    return loaded


def test_a_trained_model_has_a_lower_loss_and_can_be_loaded(
    model: Path, data: Path, tmp_path: Path
) -> None:
    outcome = run(tuning(model, data), tmp_path)

    assert outcome.steps == 20
    assert outcome.losses[-1] < outcome.losses[0] / 2
    assert outcome.validation_losses[20] < outcome.validation_losses[0] / 2
    assert outcome.tokens_per_s > 0
    assert outcome.mfu is None  # of a chip whose peak nobody knows
    assert (tmp_path / "model/tokenizer.json").is_file()
    assert weights_of(tmp_path)


def test_a_model_learns_with_muon(model: Path, data: Path, tmp_path: Path) -> None:
    outcome = run(tuning(model, data, optimizer="muon"), tmp_path)

    assert outcome.losses[-1] < outcome.losses[0] / 2


def test_muon_does_not_work_with_fsdp() -> None:
    sharded = {"strategy": "fsdp", "workers": 2}

    with pytest.raises(ValidationError, match="muon does not work with fsdp"):
        FineTuneSettings.model_validate(
            {"name": "a", "model": "b", "data": "c", "optimizer": "muon", "parallel": sharded}
        )


def test_a_resumed_run_ends_exactly_as_an_uninterrupted_one(
    model: Path, data: Path, tmp_path: Path
) -> None:
    settings = tuning(model, data)
    whole = run(settings, tmp_path / "whole")
    killed = tmp_path / "killed"
    with pytest.raises(Killed):
        fit(
            settings,
            source=settings.model,
            data=data,
            output=killed,
            sink=KilledAfter(killed, 13),
        )
    newest = checkpoints.latest(killed / "checkpoints")
    assert newest is not None
    assert newest.name == "00000010"

    resumed = run(settings, killed)

    assert resumed.losses == pytest.approx(whole.losses, rel=1e-5)
    for name, value in weights_of(killed).items():
        torch.testing.assert_close(value, weights_of(tmp_path / "whole")[name])


def test_the_loss_curve_is_a_function_of_the_seed(model: Path, data: Path, tmp_path: Path) -> None:
    curves = [
        run(tuning(model, data, max_steps=5, seed=seed), tmp_path / str(n)).losses
        for n, seed in enumerate((0, 0, 1))
    ]

    assert curves[0] == curves[1] != curves[2]


def test_the_result_does_not_depend_on_the_micro_batch_size(
    model: Path, data: Path, tmp_path: Path
) -> None:
    at_once, in_parts = (
        run(tuning(model, data, max_steps=6, micro_batch_size=size), tmp_path / str(size)).losses
        for size in (16, 3)
    )

    assert in_parts == pytest.approx(at_once, rel=1e-3)


@pytest.mark.parametrize(
    "fields",
    [{"precision": "bf16"}, {"gradient_checkpointing": True}, {"precision": "fp16"}],
    ids=["bf16", "checkpointing", "fp16"],
)
def test_checkpointing_and_half_precision_learn_about_the_same(
    fields: dict[str, object], model: Path, data: Path, tmp_path: Path
) -> None:
    plain = run(tuning(model, data), tmp_path / "plain").losses
    saving = run(tuning(model, data, **fields), tmp_path / "saving").losses

    assert saving[-1] == pytest.approx(plain[-1], rel=0.25, abs=0.1)


def test_pairs_teach_which_answer_is_preferred(model: Path, tmp_path: Path) -> None:
    settings = tuning(
        model,
        pairs_data(tmp_path / "pairs"),
        objective="preference",
        batch_size=8,
        learning_rate=1e-3,
    )

    outcome = run(settings, tmp_path)

    assert outcome.losses[0] == pytest.approx(0.693, abs=0.01)  # log 2: no preference yet
    assert outcome.validation_losses[20] < 0.3


def test_samples_of_the_wrong_objective_are_refused(
    model: Path, data: Path, tmp_path: Path
) -> None:
    pairs = pairs_data(tmp_path / "pairs")

    for settings in (tuning(model, pairs), tuning(model, data, objective="preference")):
        with pytest.raises(Misconfigured):
            run(settings, tmp_path)


def test_data_with_only_too_long_samples_is_an_error(
    model: Path, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured):
        run(tuning(model, data, max_tokens=8), tmp_path)


@pytest.mark.jobs
@pytest.mark.parametrize("export", ["merged", "adapter"])
def test_lora_trains_only_the_adapter(export: str, model: Path, data: Path, tmp_path: Path) -> None:
    settings = tuning(
        model, data, lora={"rank": 8, "alpha": 32}, export=export, learning_rate=2e-2, max_steps=40
    )

    outcome = run(settings, tmp_path)

    assert outcome.trained_parameters < outcome.parameters / 3
    assert outcome.losses[-1] < outcome.losses[0] - 0.3
    assert (tmp_path / "model/adapter_config.json").is_file() == (export == "adapter")


@pytest.mark.jobs
def test_training_continues_from_a_merged_adapter(model: Path, data: Path, tmp_path: Path) -> None:
    first = tuning(model, data, lora={}, export="adapter", learning_rate=2e-2)
    trained = run(first, tmp_path / "first").losses[-1]

    second = tuning(tmp_path / "first/model", data, max_steps=1)
    again = run(second, tmp_path / "second").losses[0]

    assert again == pytest.approx(trained, rel=0.3)


@pytest.mark.jobs
def test_an_adapter_is_continued_on_its_own_base_model(
    model: Path, data: Path, tmp_path: Path
) -> None:
    """The engine serves it with the original base model, without any merged adapter."""
    fields = {"lora": {"rank": 4}, "export": "adapter", "learning_rate": 2e-2}
    trained = run(tuning(model, data, **fields), tmp_path / "first").losses[-1]

    second = tuning(tmp_path / "first/model", data, **fields, max_steps=1)
    again = run(second, tmp_path / "second").losses[0]

    assert again == pytest.approx(trained, rel=0.3)
    config = json.loads((tmp_path / "second/model/adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["r"]) == (str(model), 4)
    with pytest.raises(Misconfigured, match="rank 4"):
        run(tuning(tmp_path / "first/model", data, lora={"rank": 8}, export="adapter"), tmp_path)


@pytest.mark.jobs
def test_a_resumed_adapter_run_ends_exactly_as_an_uninterrupted_one(
    model: Path, data: Path, tmp_path: Path
) -> None:
    settings = tuning(model, data, lora={"dropout": 0.1}, learning_rate=1e-2)
    whole = run(settings, tmp_path / "whole")
    with pytest.raises(Killed):
        fit(
            settings,
            source=settings.model,
            data=data,
            output=tmp_path / "killed",
            sink=KilledAfter(tmp_path / "killed", 8),
        )
    state: State = checkpoints.load(tmp_path / "killed/checkpoints/00000005")
    assert all("lora" in name for name in state["weights"])

    assert run(settings, tmp_path / "killed").losses == pytest.approx(whole.losses, rel=1e-4)


def test_a_narrow_head_is_widened_and_generates_only_target_tokens(
    model: Path, data: Path, tmp_path: Path
) -> None:
    settings = tuning(
        model, data, optimizer="muon", narrow_head=True, embedding_rate=0.1, max_steps=60
    )

    outcome = run(settings, tmp_path)

    made = weights_of(tmp_path)
    initial = AutoModelForCausalLM.from_pretrained(model)
    assert outcome.losses[-1] < 0.5 * outcome.losses[0]
    assert made["lm_head.weight"].shape == initial.get_output_embeddings().weight.shape
    rows = made["lm_head.weight"].unique(dim=0)
    assert len(rows) < len(made["lm_head.weight"])


@pytest.mark.parametrize(
    "fields",
    [
        {"narrow_head": True, "lora": {}},
        {"narrow_head": True, "objective": "preference"},
        {"embedding_rate": 0.1},
    ],
)
def test_incompatible_settings_are_refused(
    model: Path, data: Path, fields: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        tuning(model, data, **fields)


def test_a_time_limit_ends_the_run_at_the_end_of_its_schedule(
    model: Path, data: Path, tmp_path: Path
) -> None:
    settings = tuning(model, data, max_steps=100_000, minutes=0.01, warmup_share=0.0)

    outcome = run(settings, tmp_path)

    assert outcome.steps < 1000
    assert outcome.seconds >= 0.6
    assert outcome.validation_losses[outcome.steps] < outcome.validation_losses[0]
