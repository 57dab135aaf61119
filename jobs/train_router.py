"""Train the router between questions for the database's figures and questions for the documents.

    python -m jobs.train_router [--seed 5]

Examples for figures: those of the routes and of the SQL, and the generator's questions. For documents: those
of the routes, the known questions of the documents, and the labelled ones. Held-out questions and
`sample_bank/sql_questions.jsonl` only serve as a test. Exits with 1 when too many are routed wrongly.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import yaml

from deployments.config import load
from genai.base.embedder import BaseEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, load_vectors
from genai.factory.embedder_factory import build_embedder
from genai.rag.ingestion.documents import read_documents
from genai.rag.passages.chunking import chunk
from genai.rag.training.confidence import LabelledQuestion, known_questions, read_questions
from genai.routing.trained import share_of, train_route, write_route_weights
from genai.settings.application import Settings
from sample_bank.training.generator import examples

_LEAST = 0.35
"""Below 0.5, because an agent that finds nothing falls back to the documents, but not vice versa."""

_WHETHER = 0.5
"""*Is there interest on current accounts?* asks for a rule, as most such questions do."""

_WORDS = r"\bmedian\b|^(?!.*\b(?:costs?|fees?|prices?|charges?)\b).*\bon average\b"

_GENERATED, _KNOWN = 1_000, 4_000

_ORDERS = (
    "Block card {n}.",
    "please block the card {n}",
    "Open a dispute for transaction {n}: fraud",
)

_BLANK = re.compile(r"\{(\w+)\}")


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    embedder = PrecomputedEmbedder(build_embedder(settings.embedder), known)
    routes = yaml.safe_load(Path(settings.routing.examples).read_text(encoding="utf-8"))
    trained = train_route(
        {
            "agent": embedded(embedder, [*routes["agent"], *figures(args.seed)]),
            "rag": embedded(embedder, [*routes["rag"], *documents(settings, args.seed)]),
        },
        embedder=settings.embedder.name,
        route="agent",
        otherwise="rag",
        least=_LEAST,
        whether=_WHETHER,
        words=_WORDS,
    )
    write_route_weights(args.output, trained)
    right = share_of(trained, embedded(embedder, asked_of_database()))
    wrong = share_of(trained, embedded(embedder, held_out()))
    print(f"held out: {right:.3f} of figures and {wrong:.3f} of the rest go to the agent")
    return 0 if right >= args.pass_mark and wrong <= 1 - args.pass_mark else 1


def embedded(embedder: BaseEmbedder, texts: Sequence[str]) -> np.ndarray:
    return np.asarray(asyncio.run(embedder.async_embed(texts)), dtype=np.float32)


def figures(seed: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311  (no secret)
    worked = yaml.safe_load(Path("sample_bank/sql_examples.yaml").read_text(encoding="utf-8"))
    values = {name: list(found) for name, found in worked["values"].items()}

    def filled(text: str) -> str:
        return _BLANK.sub(lambda blank: str(chance.choice(values.get(blank[1], ["2025"]))), text)

    yield from (filled(text) for one in worked["examples"] for text in one["ask"])
    yield from (one.prompt for one in examples(seed, _GENERATED) if one.sql)
    yield from (order.format(n=chance.randint(1, 99_999)) for order in _ORDERS * 10)


def documents(settings: Settings, seed: int) -> Iterator[str]:
    read = read_documents(Path(settings.rag.documents))
    passages = [p for one in read for p in chunk(one, max_tokens=settings.rag.chunk_tokens)]
    known = known_questions(passages)
    chance = random.Random(seed)  # noqa: S311  (no secret)
    yield from chance.sample(known, min(_KNOWN, len(known)))
    yield from (one.question for one in labelled() if not one.held_out)


def held_out() -> list[str]:
    return [one.question for one in labelled() if one.held_out and one.answerable]


def labelled() -> list[LabelledQuestion]:
    return read_questions(Path("sample_bank/questions.jsonl"))


def asked_of_database() -> list[str]:
    lines = Path("sample_bank/sql_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["question"] for row in map(json.loads, lines) if row.get("sql")]


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--output", type=Path, default=Path("sample_bank/route_weights.json"))
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--pass-mark", type=float, default=0.93)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
