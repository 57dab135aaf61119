"""What the jobs share that train a classifier of texts for the safety checks, and measure it.

The figures are written beside the model. Each is of a model that was trained without the file it is
about. The same data and the same settings give the same model.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from genai.safety.training.examples import Example, examples_in, generated_examples
from genai.safety.training.hot_words import hot_words
from genai.safety.training.settings import TrainingSettings
from genai.safety.training.trainer import Trainer, figures, save
from genai.tracking.runs import track


@dataclass(frozen=True, slots=True)
class ClassifierJob:
    """``name`` is that of the experiment in MLflow, ``shipped`` where the project keeps the model."""

    name: str
    about: str
    config: Path
    shipped: Path

    def run(self, argv: Sequence[str] | None = None) -> int:
        args = self._parse(argv)
        settings = TrainingSettings.model_validate(yaml.safe_load(args.config.read_text()))
        self.train(args.data, settings, args.out, with_figures=not args.no_figures)
        print(f"{args.out}: written")
        return 0

    def train(
        self, data: Path, settings: TrainingSettings, out: Path, *, with_figures: bool = True
    ) -> None:
        """Write the model, and beside it the figures of models that lack one file each."""
        examples = examples_in(data, settings) + generated_examples(settings)
        trainer = Trainer(examples, settings)
        save(trainer.train(), out, _hot_words(examples, settings))
        if with_figures:
            found = figures(trainer, settings)
            out.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
            track(self.name, settings.model_dump(mode="json"), found)

    def _parse(self, argv: Sequence[str] | None) -> argparse.Namespace:
        parser = argparse.ArgumentParser(description=self.about.partition("\n")[0])
        parser.add_argument("--data", type=Path, required=True, help="the folder of public data")
        parser.add_argument("--config", type=Path, default=self.config)
        parser.add_argument("--out", type=Path, default=self.shipped)
        parser.add_argument("--no-figures", action="store_true")
        return parser.parse_args(argv)


def _hot_words(
    examples: Sequence[Example], settings: TrainingSettings
) -> NDArray[np.uint32] | None:
    if settings.provoking is None:
        return None
    return hot_words(examples, settings.provoking)
