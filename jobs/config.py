"""What every job with a config does at its beginning and its end."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from genai.errors import GenAIError, Misconfigured

Config = TypeVar("Config", bound=BaseModel)

PLAIN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def parser(doc: str | None, default: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--config", type=Path, default=Path(default))
    return made


def read(path: Path, shape: type[Config]) -> Config:
    """The config in a YAML file. Raises `Misconfigured` with what is wrong with it."""
    try:
        return shape.model_validate(yaml.safe_load(path.read_text()))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path}: {error}") from error


class WithFields(logging.Formatter):
    """The message and the fields of an event, on a line that a person can read."""

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
    handler.setFormatter(WithFields("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for ours in ("genai", "jobs"):
        logging.getLogger(ours).setLevel(logging.INFO)


def run(work: Callable[[], int]) -> int:
    """The exit code of a job: an error of ours is a sentence, any other keeps its trace."""
    show_progress()
    try:
        return work()
    except GenAIError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
