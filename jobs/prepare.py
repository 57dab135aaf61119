"""Prepare a data set for training, from generators, documents, files, conversations and feedback.

    python -m jobs.prepare --config jobs/prepare.yaml
    ray job submit --working-dir . -- python -m jobs.prepare --config jobs/prepare.yaml

Prints the folder of the data set, which is named after the digest of its content. Texts of users are
included only with consent; personal data and secrets are replaced by their kind.
"""

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never

from genai.errors import Misconfigured
from genai.preparation.prepare import prepare
from genai.preparation.settings import (
    ConversationsSettings,
    DocumentsSettings,
    FileSettings,
    GeneratorSettings,
    PreferencesSettings,
    PrepareSettings,
    SourceSettings,
)
from genai.preparation.sources import from_conversations, from_documents, from_preferences
from genai.tracking.runs import default_tracker
from genai.training.samples import Sample, read_samples
from jobs import config
from jobs.traffic import consented


def main(argv: list[str] | None = None) -> int:
    args = config.parser(__doc__, "jobs/prepare.yaml").parse_args(argv)
    return config.run(lambda: make(config.read(args.config, PrepareSettings)))


def make(settings: PrepareSettings) -> int:
    made = prepare(settings, samples_of(settings), default_tracker())
    print((made.folder / "card.md").read_text())
    print(made.folder)
    return 0


def samples_of(settings: PrepareSettings) -> Iterator[Sample]:
    for source in settings.sources:
        yield from _samples(source, settings.seed)


def _samples(source: SourceSettings, seed: int) -> Iterable[Sample]:
    match source:
        case GeneratorSettings():
            return _generated(source, seed)
        case DocumentsSettings():
            return from_documents(Path(source.folder))
        case FileSettings():
            return read_samples(Path(source.path))
        case ConversationsSettings():
            return from_conversations(*consented(source.tenant, source.at_most), source)
        case PreferencesSettings():
            return from_preferences(*consented(source.tenant, source.at_most), source)
        case _:
            assert_never(source)


def _generated(source: GeneratorSettings, seed: int) -> Iterable[Sample]:
    module, _, name = source.function.partition(":")
    try:
        generate = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise Misconfigured(f"there is no generator {source.function}") from error
    made: Iterable[Sample] = generate(seed, source.count)
    return made


if __name__ == "__main__":
    sys.exit(main())
