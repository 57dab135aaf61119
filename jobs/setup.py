"""Makes what the first start on a machine needs, and finds it there at every later one.

    python -m jobs.setup [--config serve_config.yaml]

The sample bank's database, the small model, and the documents in the vector store. Safe to run
again: what is there and unchanged stays as it is.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from deployments.config import load
from genai.settings import Settings, SQLToolSettings, StatementToolSettings, VLLMSettings
from jobs.ingest import ingest
from sample_bank.database import build

SAMPLE_DATABASE = "bank.sqlite"
SAMPLE_MODEL = "models/bank"


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
    for llm in settings.llms.values():
        if isinstance(llm, VLLMSettings) and Path(llm.model).match(SAMPLE_MODEL):
            make_model(llm.model)
    asyncio.run(ingest(settings))


def make_model(folder: str) -> None:
    """Loads torch and transformers, so only when there is no model yet."""
    if not (Path(folder) / "config.json").exists():
        from jobs.make_model import main as make

        make([folder])


if __name__ == "__main__":
    sys.exit(main())
