"""Train the classifier of orders in data, which complements the networks of `jobs.train_injection`.

python -m jobs.train_orders --data ../shared/data [--config jobs/train_orders.yaml]
    [--out genai/safety/orders/orders_model.npz]

Train both networks first: the threshold applies to all three together. The same data, settings and networks
give the same model.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from genai.safety.injection.network import FOR_DATA, NetworkClassifier
from genai.safety.orders.classifier import ORDER_NETWORKS, SHIPPED
from genai.safety.training.network_examples import network_examples
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.orders import OrderTrainer
from jobs.training_arguments import parse_args, settings_of


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv, __doc__ or "", Path("jobs/train_orders.yaml"), SHIPPED)
    settings = settings_of(args, NetworkSettings)
    trainer = OrderTrainer(network_examples(args.data, settings), settings)
    for_orders = [NetworkClassifier(path) for path in ORDER_NETWORKS]
    trainer.save(trainer.train(), args.out, NetworkClassifier(FOR_DATA), for_orders)
    print(f"{args.out}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
