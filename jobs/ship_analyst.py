"""Copy the trained analyst to where the service loads it, with the metrics of its run.

    python -m jobs.ship_analyst --config jobs/fine_tune_analyst.yaml

Converts it to half precision. Part of `make analyst`. Exits with 1 when nothing was trained.
"""

import json
import os
import platform
import sys
from pathlib import Path

from genai.errors import Misconfigured
from genai.preparation.prepare import find
from genai.training.fit import OUTCOME, WEIGHTS, TrainingResult
from genai.training.half_precision import save_half_precision
from genai.training.records import run_folder
from genai.training.settings import FineTuneSettings
from jobs import config

SHIPPED = Path("sample_bank/models/analyst")
CARD = "card.json"
COMMAND = "make analyst"


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/fine_tune_analyst.yaml")
    parser.add_argument("--to", type=Path, default=SHIPPED)
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, FineTuneSettings)
        ship(settings, args.to)
        print(f"{args.to}: in place")
        return 0

    return config.run(work)


def ship(settings: FineTuneSettings, folder: Path) -> None:
    """Raises `Misconfigured` when there was no such run."""
    data = find(settings.data).resolve()
    run = run_folder(settings, settings.model, data)
    if not (run / OUTCOME).is_file():
        raise Misconfigured("nothing was trained with this config: run jobs.fine_tune first")
    outcome = TrainingResult.model_validate_json((run / OUTCOME).read_text())
    save_half_precision(run / WEIGHTS, folder)
    card = _card(settings, outcome, data)
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n")


def _card(settings: FineTuneSettings, outcome: TrainingResult, data: Path) -> dict[str, object]:
    return {
        "name": settings.name,
        "command": COMMAND,
        "seed": settings.seed,
        "data": {"name": settings.data, "version": data.name},
        "samples_seen": outcome.steps * settings.batch_size,
        "figures": outcome.figures() | {"steps": outcome.steps},
        "validation_losses": outcome.validation_losses,
        "precision": settings.precision,
        "hardware": {"machine": platform.machine(), "cores": os.cpu_count()},
        "settings": settings.model_dump(mode="json"),
    }


if __name__ == "__main__":
    sys.exit(main())
