"""Train the ranking of sentences, from questions with a known answer text.

    python -m jobs.train_quotes [--questions sample_bank/questions.jsonl]

Asks the configured documents each of these questions, and writes the weights. Held-out questions only
serve as a test. Exits with 1 when too few of them are answered by the first sentence.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from deployments.config import load
from genai.rag.evidence.unit_ranking import WEIGHTS
from genai.rag.ingestion.documents import read_documents
from genai.rag.training.confidence import read_questions
from genai.rag.training.quotes import LabelledUnits, make_choices, right_first, train_choice
from genai.settings.application import Settings
from jobs.train_confidence import shelved


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    choices = asyncio.run(ask(Settings.model_validate(application["args"]), args.questions))
    weights = train_choice([one for one in choices if not one.held_out])
    args.output.write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")
    right = right_first(weights, [one for one in choices if one.held_out])
    print(f"held out: answered by the first sentence {right}")
    return 0 if right >= args.pass_mark else 1


async def ask(settings: Settings, questions: Path) -> list[LabelledUnits]:
    shelf, embedder = await shelved(settings, read_documents(Path(settings.rag.documents)))
    labelled = read_questions(questions)
    return await make_choices(shelf, embedder, labelled, tenant="", focus=settings.rag.top_k)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--questions", type=Path, default=Path("sample_bank/questions.jsonl"))
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--pass-mark", type=float, default=0.6)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
