"""Train and evaluate the network that detects prompt injection.

python -m jobs.train_injection --data ../shared/data [--config jobs/train_injection.yaml]
    [--out genai/safety/injection/model.npz] [--no-figures]
python -m jobs.train_injection --data ../shared/data --config jobs/train_injection_data.yaml
    --out genai/safety/injection/data_model.npz --no-figures
python -m jobs.train_injection --data ../shared/data --config jobs/train_orders_network.yaml
    --out genai/safety/orders/orders_network.npz --no-figures [--seed 1]

The second command trains the network for data only, on more examples; the third one of the two networks of
orders in data (`orders_network_1.npz` has the seed 1). The metrics are written next to the
model; those of a file are of a network trained without it. The same data, settings and installed packages
give the same model on the same machine.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from genai.safety.injection.network import SHIPPED
from genai.safety.training.network_examples import network_examples
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.network_trainer import NetworkTrainer, figures
from genai.tracking.runs import track
from jobs.training_arguments import parse_args, settings_of


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv, __doc__ or "", Path("jobs/train_injection.yaml"), SHIPPED)
    settings = settings_of(args, NetworkSettings)
    trainer = NetworkTrainer(network_examples(args.data, settings), settings)
    trainer.save(trainer.train(), args.out)
    if not args.no_figures:
        found = figures(trainer, settings)
        args.out.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
        track("train_injection", settings.model_dump(mode="json"), found)
    print(f"{args.out}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
