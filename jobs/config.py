"""The common frame of jobs with a config: command line, logging, exit code."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from genai.errors import GenAIError, Misconfigured
from jobs.submitted import link_data, lower_priority

Config = TypeVar("Config", bound=BaseModel)

PLAIN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def parser(doc: str | None, default: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--config", type=Path, default=Path(default), help=f"what to do; {default} by default"
    )
    return made


def add_service(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--service",
        type=Path,
        default=Path("serve_config.yaml"),
        help="the config of the service that runs; serve_config.yaml by default",
    )


def read(path: Path, shape: type[Config]) -> Config:
    """The config from a YAML file. Raises `Misconfigured` with all of its errors."""
    try:
        said = yaml.safe_load(path.read_text())
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path} is no YAML: {error}") from error
    if not isinstance(said, dict):
        raise Misconfigured(f"{path} is not a mapping")
    try:
        return shape.model_validate(said)
    except ValidationError as error:
        mistakes = "\n".join(f"{path}: {mistake}" for mistake in _mistakes(error, shape))
        raise Misconfigured(mistakes) from error


def _mistakes(error: ValidationError, shape: type[BaseModel]) -> Iterator[str]:
    for mistake in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(map(str, mistake["loc"])) or "the whole"
        if mistake["type"] == "missing":
            yield f"{where} is missing"
        elif mistake["type"] == "extra_forbidden" and len(mistake["loc"]) == 1:
            yield f"{where} is not a setting; known are {', '.join(sorted(shape.model_fields))}"
        elif mistake["type"] == "extra_forbidden":
            yield f"{where} is not a setting"
        else:
            yield f"{where}: {mistake['msg'].removeprefix('Value error, ')}"


class FieldsFormatter(logging.Formatter):
    """Formats the message and the fields of a record as a readable line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            name: value
            for name, value in vars(record).items()
            if name not in PLAIN and not name.startswith("_")
        }
        told = " ".join(f"{name}={value}" for name, value in fields.items())
        return f"{super().format(record)} {told}".strip()


def show_progress() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(FieldsFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for ours in ("genai", "jobs"):
        logging.getLogger(ours).setLevel(logging.INFO)


def run(work: Callable[[], int]) -> int:
    """Run a job; returns its exit code. A `GenAIError` is printed as a sentence, others are raised."""
    show_progress()
    link_data()
    lower_priority()
    try:
        return work()
    except GenAIError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
