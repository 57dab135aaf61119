"""The models of a rehearsal, with the outcome that each must have."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from genai.base.tracker import ModelVersion, Registry
from genai.promotion.promoter import CHAMPION, Ended
from genai.settings.application import Settings
from genai.training.samples import ChatSample, write_samples
from genai.training.slowed import slow_down
from jobs.fine_tune import fine_tune
from jobs.loop import LoopSettings, loop, try_out
from jobs.make_model import main as make_model
from sample_bank import cards

CONFIG = Path(__file__).with_name("loop.yaml")

EXPECTED = {
    "never ends": ("rolled_back", "seconds"),
    "knows nothing": ("rejected", "contains"),
    "indiscreet": ("rejected", "privacy"),
    "slow": ("rejected", "latency"),
    "better": ("promoted", "as good"),
}

DATA: dict[str, Callable[[int, int], Iterable[ChatSample]]] = {
    "cards": cards.samples,
    "outdated": cards.outdated,
    "chatty": cards.chatty,
    "indiscreet": cards.indiscreet,
}

STEPS = 160
BEGUN_WITH = 300

Try = Callable[[Settings], Ended]


@dataclass(frozen=True, slots=True)
class Stage:
    """Folders, and the model's name in the registry.

    With ``adapters`` only LoRA is trained, and the service exchanges adapters of one engine.
    """

    folder: Path
    name: str
    tenant: str
    registry: Registry
    adapters: bool = False

    def loop_settings(
        self, data: str, steps: int, model: str, *, whole: bool = False, improve: bool = True
    ) -> LoopSettings:
        """``whole`` trains all weights, even with ``adapters``."""
        marks = {
            "folder": self.folder,
            "name": self.name,
            "data": data,
            "steps": steps,
            "model": model,
            "accuracy": "must: improve" if improve else "must: keep, margin: 0.05",
            "tenant": self.tenant,
        }
        text = CONFIG.read_text()
        for mark, value in marks.items():
            text = text.replace("{" + mark + "}", str(value))
        said: dict[str, Any] = yaml.safe_load(text)
        if self.adapters and not whole:
            said["fine_tune"] |= {"lora": {"rank": 8, "alpha": 16}, "export": "adapter"}
            said["fine_tune"] |= {"learning_rate": 0.01}
        return LoopSettings.model_validate(said)


def prepared(stage: Stage) -> ModelVersion:
    """Creates the data, and the champion: a model that knows outdated prices of cards."""
    shutil.rmtree(stage.folder, ignore_errors=True)
    stage.folder.mkdir(parents=True)
    size = ("--hidden-size", "64", "--layers", "2", "--vocab-size", "400", "--context", "256")
    make_model([str(stage.folder / "base"), *size])
    for name, generate in DATA.items():
        made = list(generate(0, 336))
        write_samples(stage.folder / name / "train.jsonl", made[:280])
        write_samples(stage.folder / name / "validation.jsonl", made[280:296])
        # All are evaluated on the same answers, whatever they were trained on.
        write_samples(stage.folder / name / "test.jsonl", list(cards.samples(0, 336))[306:])
    wanted = stage.loop_settings("outdated", BEGUN_WITH, str(stage.folder / "base"), whole=True)
    made_model = fine_tune(wanted.fine_tune, local=True, registry=stage.registry)
    assert made_model is not None
    stage.registry.appoint(made_model, CHAMPION)
    return made_model


def candidates(stage: Stage, champion: ModelVersion) -> dict[str, Try]:
    """Each takes the settings of the service that runs."""

    def tuned(data: str, steps: int, model: str) -> Try:
        wanted = stage.loop_settings(data, steps, model)
        return lambda service: loop(wanted, service, local=True, registry=stage.registry)

    def slow(service: Settings) -> Ended:
        folder = stage.folder / "slow"
        slow_down(Path(champion.folder), folder, times=24)
        made = stage.registry.register(stage.name, folder, run_id="", tags={"planted": "slow"})
        wanted = stage.loop_settings("cards", 1, champion.uri, improve=False)
        return try_out(wanted, service, made, registry=stage.registry)

    return {
        "never ends": tuned("chatty", STEPS, champion.uri),
        "knows nothing": tuned("cards", 1, str(stage.folder / "base")),
        "indiscreet": tuned("indiscreet", STEPS, champion.uri),
        "slow": slow,
        "better": tuned("cards", STEPS, champion.uri),
    }


def mistakes(ends: dict[str, Ended]) -> list[str]:
    return [
        f"{what} should have been {outcome} because of {because}"
        for what, (outcome, because) in EXPECTED.items()
        if ends[what].outcome != outcome or because not in ends[what].reason
    ]
