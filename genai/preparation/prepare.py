"""Builds a data set: sources ──▶ redaction ──▶ deduplication ──▶ split ──▶ files and a data card."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from genai.base.tracker import Tracker
from genai.errors import Misconfigured
from genai.preparation.card import Counts, card, count
from genai.preparation.duplicates import Duplicates
from genai.preparation.redaction import Redaction
from genai.preparation.settings import PrepareSettings
from genai.preparation.split import PARTS, Part, part_of
from genai.tracking.provenance import git_commit
from genai.training.samples import Sample, digest_of, write_samples

EXPERIMENT = "prepare"


@dataclass(frozen=True, slots=True)
class DataSet:
    """``folder`` has a file for each part. The same content always has the same ``version``."""

    name: str
    version: str
    folder: Path
    counts: Counts


def prepare(
    settings: PrepareSettings, samples: Iterable[Sample], tracker: Tracker | None = None
) -> DataSet:
    """Write the data set. Raises `Misconfigured` if no training samples are left."""
    redaction, duplicates = Redaction(), Duplicates(settings.near_duplicate)
    parts: dict[Part, list[Sample]] = {part: [] for part in PARTS}
    for sample in duplicates.without(redaction.of(samples)):
        parts[_part(sample, settings)].append(sample)
    if not parts["train"]:
        raise Misconfigured(f"the data set {settings.name} has no samples to train on")
    counts = count(parts, duplicates=duplicates.dropped, redacted=redaction.redacted)
    made = _write(settings, parts, counts)
    if tracker is not None:
        _record(settings, made, tracker)
    return made


def _part(sample: Sample, settings: PrepareSettings) -> Part:
    return part_of(
        sample.source,
        seed=settings.seed,
        validation=settings.validation_share,
        test=settings.test_share,
    )


def _write(settings: PrepareSettings, parts: dict[Part, list[Sample]], counts: Counts) -> DataSet:
    home = Path(settings.output) / settings.name
    staged = home / "staged"
    for part, samples in parts.items():
        write_samples(staged / f"{part}.jsonl", samples)
    version = digest_of(staged.glob("*.jsonl"))
    folder = home / version
    folder.mkdir(exist_ok=True)
    for path in staged.glob("*.jsonl"):
        path.replace(folder / path.name)
    staged.rmdir()
    text = card(settings, counts, version=version, commit=git_commit())
    (folder / "card.md").write_text(text)
    (folder / "counts.json").write_text(counts.model_dump_json(indent=1))
    (home / "latest").write_text(version)
    return DataSet(settings.name, version, folder, counts)


def _record(settings: PrepareSettings, made: DataSet, tracker: Tracker) -> None:
    with tracker.run(EXPERIMENT, f"{made.name}-{made.version}") as run:
        run.params(json.loads(settings.model_dump_json()) | {"version": made.version})
        run.tags({"dataset": made.name, "data_version": made.version, "git_commit": git_commit()})
        run.metrics(
            {
                "samples": made.counts.total,
                "duplicates": made.counts.duplicates,
                "redacted": made.counts.redacted,
            }
        )
        for path in sorted(made.folder.iterdir()):
            run.file(path)


def find(name_or_folder: str, datasets: Path = Path("var/datasets")) -> Path:
    """The folder of a data set: given as such, as ``name`` (the latest) or ``name/version``."""
    if Path(name_or_folder).is_dir():
        return Path(name_or_folder)
    name, _, version = name_or_folder.partition("/")
    latest = datasets / name / "latest"
    if not version and latest.is_file():
        version = latest.read_text().strip()
    folder = datasets / name / version
    if not version or not folder.is_dir():
        raise Misconfigured(f"there is no data set {name_or_folder}: run jobs.prepare first")
    return folder
