import json
import os
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing

from deployments.free_port import free_port
from genai.tracking.no_run import NotRecorded
from genai.training import checkpoints
from genai.training.fit import OUTCOME, TrainingResult, fit
from genai.training.local_run import FolderSink, fit_here
from genai.training.settings import FineTuneSettings, Strategy
from genai.training.worker import Worker
from tests.support.training import tuning

WORLD = 2


def work(rank: int, port: int, strategy: Strategy, settings: str, output: str, resume: str) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=WORLD)
    wanted = FineTuneSettings.model_validate_json(settings)
    folder = Path(output)
    fit(
        wanted,
        source=wanted.model,
        data=Path(wanted.data),
        output=folder,
        sink=FolderSink(folder, NotRecorded()),
        worker=Worker(rank=rank, world=WORLD, strategy=strategy),
        state=checkpoints.load(Path(resume)) if resume else None,
    )
    distributed.destroy_process_group()
    # Without the end of the interpreter: a thread of Gloo that still frees a tensor would then ask
    # for a lock that is no more, and abort a process that has done all its work
    # (https://github.com/pytorch/pytorch/pull/179291).
    os._exit(0)


def together(
    settings: FineTuneSettings, strategy: Strategy, folder: Path, resume: str = ""
) -> TrainingResult:
    folder.mkdir(parents=True, exist_ok=True)
    arguments = (free_port(), strategy, settings.model_dump_json(), str(folder), resume)
    multiprocessing.spawn(work, args=arguments, nprocs=WORLD)
    return TrainingResult.model_validate(json.loads((folder / OUTCOME).read_text()))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_several_workers_give_the_result_of_one_also_after_a_resume(
    strategy: Strategy, model: Path, data: Path, tmp_path: Path
) -> None:
    settings = tuning(model, data, max_steps=4, checkpoint_every=2, evaluate_every=4)
    alone = fit_here(settings, str(model), data, tmp_path / "alone", NotRecorded())

    whole = together(settings, strategy, tmp_path / "whole")
    half = tmp_path / "whole/checkpoints/00000002"
    resumed = together(settings, strategy, tmp_path / "resumed", str(half))

    assert whole.losses == pytest.approx(alone.losses, rel=5e-3)
    assert resumed.losses == pytest.approx(whole.losses, rel=1e-4)
    assert whole.validation_losses[4] == pytest.approx(alone.validation_losses[4], rel=5e-3)
    assert (tmp_path / "whole/model/model.safetensors").is_file()
