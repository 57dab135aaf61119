"""Train the classifier of prompt injections that the project ships, and measure it.

    python -m jobs.train_injection --data ../shared/data [--config jobs/train_injection.yaml]
        [--out genai/safety/injection_model.npz] [--no-figures]

The figures are written beside the model. Each is of a model that was trained without the file it is
about. The same data and the same settings give the same model.
"""

import argparse
import json
import sys
from pathlib import Path

import yaml

from genai.safety.injection_classifier import SHIPPED
from genai.safety.training.examples import examples_in, generated_examples
from genai.safety.training.settings import TrainingSettings
from genai.safety.training.trainer import Trainer, figures, save
from genai.tracking.runs import track


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    settings = TrainingSettings.model_validate(yaml.safe_load(args.config.read_text()))
    train(args.data, settings, args.out, with_figures=not args.no_figures)
    print(f"{args.out}: written")
    return 0


def train(data: Path, settings: TrainingSettings, out: Path, *, with_figures: bool = True) -> None:
    """Write the model, and beside it the figures of models that lack one file each."""
    examples = examples_in(data, settings) + generated_examples(settings)
    trainer = Trainer(examples, settings)
    save(trainer.train(), out)
    if with_figures:
        found = figures(trainer, settings)
        out.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
        track("train_injection", settings.model_dump(mode="json"), found)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data")
    parser.add_argument("--config", type=Path, default=Path("jobs/train_injection.yaml"))
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--no-figures", action="store_true")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
