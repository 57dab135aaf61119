"""Train the networks that are asked about what users write, from those of `jobs.train_injection`.

python -m jobs.train_questions --data ../shared/data [--config jobs/train_questions.yaml]
    [--out genai/safety/injection]

Train both networks first, and the reader of orders before or after: what they make of data stays as it is.
The same data, settings, networks and installed packages give the same files on the same machine.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from genai.safety.injection.network import FOR_QUESTIONS, SHIPPED
from genai.safety.training.network_examples import network_examples
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.question_trainer import QuestionTrainer
from jobs.training_arguments import parse_args, settings_of


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv, __doc__ or "", Path("jobs/train_questions.yaml"), SHIPPED.parent)
    settings = settings_of(args, NetworkSettings)
    examples = network_examples(args.data, settings)
    for number, (first, shipped) in enumerate(FOR_QUESTIONS.items()):
        own = settings.model_copy(update={"seed": settings.seed + number})
        trainer = QuestionTrainer(examples, own, first)
        out = args.out / shipped.name
        trainer.save(trainer.train(), out)
        print(f"{out}: written", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
