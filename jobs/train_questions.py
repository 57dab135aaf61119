"""Fit what the networks of `jobs.train_injection` make of questions to more kinds of them.

python -m jobs.train_questions --data ../shared/data [--config jobs/train_questions.yaml] [--out genai/safety]

Train both networks first, and the reader of orders before or after: what they make of data stays as it is.
The same data, settings and networks give the same files.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from genai.safety.injection_network import FOR_DATA, SHIPPED, NetworkClassifier
from genai.safety.training.network_examples import network_examples
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.question_heads import HeadTrainer, save
from jobs.training_arguments import parse_args


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv, __doc__ or "", Path("jobs/train_questions.yaml"), SHIPPED.parent)
    settings = NetworkSettings.model_validate(yaml.safe_load(args.config.read_text()))
    paths = (SHIPPED, FOR_DATA)
    networks = [NetworkClassifier(path) for path in paths]
    heads = HeadTrainer(network_examples(args.data, settings), settings, networks).train()
    outs = [args.out / path.name for path in paths]
    save(heads, paths, outs)
    print("\n".join(f"{out}: written" for out in outs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
