"""Train the recognizer of names and places on generated texts.

    python -m jobs.train_ner --config jobs/train_ner.yaml [--out genai/safety/names/model.npz]
                             [--grade FILE.jsonl ...]

Nothing is downloaded. Each FILE holds JSON lines with `text` and `spans`, and is only used for evaluation.
The metrics are written to a JSON file beside the model, per file and never pooled.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from genai.safety.names.generator import LABELS, Generator
from genai.safety.names.grading import Grade, grade, labelled_file
from genai.safety.names.tagger import Tagger, load, save
from genai.safety.names.training import Recipe, prose_of, train
from genai.tracking.runs import track


class Job(BaseModel):
    """Evaluates on ``held_out`` generated texts of another seed. ``labels`` maps the labels of files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe = Recipe()
    held_out: int = 2000
    labels: dict[str, str] = {}


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    job = Job.model_validate(yaml.safe_load(args.config.read_text()))
    started = time.time()
    save(args.out, train(job.recipe))
    seconds = round(time.time() - started)
    found = {name: [grade.model_dump() for grade in of_one] for name, of_one in grades(job, args)}
    report = {"recipe": job.recipe.model_dump(), "seconds": seconds, "grades": found}
    args.out.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    track("train_ner", job.recipe.model_dump(mode="json"), _metrics(found))
    for name, rows in found.items():
        for row in rows:
            print(name, json.dumps(row))
    return 0


def _metrics(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    return {
        f"{name}/{row['label']}": {key: row[key] for key in row if key != "label"}
        for name, rows in found.items()
        for row in rows
    }


def grades(job: Job, args: argparse.Namespace) -> Iterator[tuple[str, list[Grade]]]:
    tagger = load(args.out)
    yield "held out", _grade_generated(job, tagger)
    for path in args.grade:
        examples = list(labelled_file(path, job.labels))
        labels = sorted({label for example in examples for *_, label in example.spans})
        yield path.stem, grade(tagger, examples, labels)


def _grade_generated(job: Job, tagger: Tagger) -> list[Grade]:
    recipe = job.recipe
    generator = Generator(recipe.seed + 1, plain=recipe.plain, prose=prose_of(recipe))
    return grade(tagger, generator.examples(job.held_out), LABELS)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("jobs/train_ner.yaml"))
    parser.add_argument("--out", type=Path, default=Path("genai/safety/names/model.npz"))
    parser.add_argument("--grade", type=Path, action="append", default=[], metavar="FILE")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
