"""Train and evaluate the toxicity classifier: insults, threats and contempt.

python -m jobs.train_toxicity --data ../shared/data [--config jobs/train_toxicity.yaml]
    [--out genai/safety/toxicity_model.npz] [--no-figures]

The metrics are written next to the model; those of a file are of a model trained without it. The same
data and settings give the same model.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from genai.safety.toxicity import SHIPPED
from genai.safety.training.examples import examples_in, generated_examples
from genai.safety.training.settings import TrainingSettings
from genai.safety.training.trainer import Trainer, figures, save
from genai.safety.training.trigger_words import trigger_words
from genai.tracking.runs import track
from jobs.training_arguments import parse_args, settings_of


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv, __doc__ or "", Path("jobs/train_toxicity.yaml"), SHIPPED)
    settings = settings_of(args, TrainingSettings)
    examples = examples_in(args.data, settings) + generated_examples(settings)
    trainer = Trainer(examples, settings)
    save(trainer.train(), args.out, trigger_words(examples, settings.provoking))
    if not args.no_figures:
        found = figures(trainer, settings)
        args.out.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
        track("train_toxicity", settings.model_dump(mode="json"), found)
    print(f"{args.out}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
