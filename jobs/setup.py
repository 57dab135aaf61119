"""Create the data for the first start on a machine.

    python -m jobs.setup [--config serve_config.yaml]

That is the sample bank's database, and its documents in the vector store. Idempotent: existing unchanged
data stays.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from deployments.config import load
from genai.settings.application import Settings
from genai.settings.tools import SQLToolSettings, StatementToolSettings
from jobs.ingest import ingest
from sample_bank.database import build

SAMPLE_DATABASE = "bank.sqlite"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    args = parser.parse_args(argv)
    for application in load(args.config)["applications"]:
        setup(Settings.model_validate(application["args"]))
    return 0


def setup(settings: Settings) -> None:
    for tool in settings.agent.tools:
        url = tool.url if isinstance(tool, SQLToolSettings | StatementToolSettings) else ""
        path = Path(url.removeprefix("sqlite:///"))
        if path.name == SAMPLE_DATABASE:
            build(path)
    asyncio.run(ingest(settings))


if __name__ == "__main__":
    sys.exit(main())
