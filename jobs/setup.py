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
from genai.factory.embedder_factory import build_embedder
from genai.factory.rag_factory import build_store
from genai.rag.ingest import ingest_folder
from genai.settings import Settings, VLLMSettings
from jobs.make_model import main as make_model
from sample_bank.database import build

SAMPLE_DATABASE = "bank.sqlite"
SAMPLE_MODEL = Path("models/bank")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    args = parser.parse_args(argv)
    config = load(args.config)
    for application in config["applications"]:
        setup(Settings.model_validate(application["args"]))
    return 0


def setup(settings: Settings) -> None:
    """Each step says what it does only when there is something to do."""
    for tool in settings.agent.tools:
        path = Path(tool.url.removeprefix("sqlite:///"))
        if path.name == SAMPLE_DATABASE:
            build(path)
    for llm in settings.llms.values():
        if isinstance(llm, VLLMSettings) and Path(llm.model).match(str(SAMPLE_MODEL)):
            make_model([llm.model])
    asyncio.run(_ingest(settings))


async def _ingest(settings: Settings) -> None:
    embedder = build_embedder(settings.embedder)
    await ingest_folder(build_store(settings, embedder), Path(settings.rag.documents))


if __name__ == "__main__":
    sys.exit(main())
