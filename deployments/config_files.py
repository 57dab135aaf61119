"""Finds the files and folders that the settings name and that do not exist.

What is in the project's folder must be there. Data under ``var``, and absolute paths, may exist only on
the machine that will run the service, so that these are doubts instead of mistakes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genai.settings.application import Settings
from genai.settings.models import (
    AdapterSettings,
    AnalystSettings,
    HuggingFaceSettings,
    NearestExampleSettings,
    VLLMSettings,
)
from genai.settings.tools import SQLToolSettings, StatementToolSettings

DATA = "var"
SAMPLE_DATABASE = "bank.sqlite"
"""Created by `make run`, wherever the settings have it."""

_SQLITE = "sqlite:///"
_HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")
_MLFLOW = "models:/"


@dataclass(frozen=True, slots=True)
class Missing:
    """``where`` is the setting; ``certain`` is False if the path may exist on another machine."""

    where: str
    path: str
    certain: bool

    def __str__(self) -> str:
        if self.certain:
            return f"{self.where}: there is no {self.path}"
        return f"{self.where}: there is no {self.path} on this machine; the service will need it"


def missing_files(settings: Settings, root: Path) -> Iterator[Missing]:
    """Relative paths start at ``root``."""
    named = [*_files(settings), *_models(settings, root), *_databases(settings)]
    for where, path in dict.fromkeys(named):
        if not (root / path).exists():
            certain = not Path(path).is_absolute() and Path(path).parts[0] != DATA
            yield Missing(where, path, certain)


def _files(settings: Settings) -> Iterator[tuple[str, str]]:
    routing, rag, agent = settings.routing, settings.rag, settings.agent
    if rag.documents:
        yield "rag.documents", rag.documents
    if routing.weights:
        yield "routing.weights", routing.weights
    else:
        yield "routing.examples", routing.examples
    if rag.few_shot is not None:
        yield "rag.few_shot.examples", rag.few_shot.examples
    if agent.few_shot is not None:
        yield "agent.few_shot.examples", agent.few_shot.examples
    for name, llm in settings.llms.items():
        if isinstance(llm, NearestExampleSettings | AnalystSettings):
            yield f"llms.{name}.examples", llm.examples
        if isinstance(llm, AnalystSettings):
            yield f"llms.{name}.words", llm.words
            if llm.reader is not None:
                yield f"llms.{name}.reader", llm.reader


def _models(settings: Settings, root: Path) -> Iterator[tuple[str, str]]:
    if settings.embedder.model:
        yield "embedder.model", settings.embedder.model
    if settings.rag.reranker is not None:
        yield from _folder("rag.reranker.model", settings.rag.reranker.model, root)
    classifier = settings.safety.injection.classifier
    if classifier not in ("shipped", "off"):
        yield from _folder("safety.injection.classifier", classifier, root)
    for name, llm in settings.llms.items():
        if isinstance(llm, VLLMSettings | HuggingFaceSettings):
            yield from _folder(f"llms.{name}.model", llm.model, root)
        elif isinstance(llm, AdapterSettings) and llm.model and not llm.model.startswith(_MLFLOW):
            yield f"llms.{name}.model", llm.model


def _folder(where: str, model: str, root: Path) -> Iterator[tuple[str, str]]:
    """The model, unless it may be a name on a hub, whose first part is no folder of the project."""
    if not _HUB_NAME.fullmatch(model) or ("/" in model and (root / model).parent.is_dir()):
        yield where, model


def _databases(settings: Settings) -> Iterator[tuple[str, str]]:
    for tool in settings.agent.tools:
        if isinstance(tool, SQLToolSettings) and tool.url_env is not None:
            continue
        if isinstance(tool, SQLToolSettings | StatementToolSettings):
            path = tool.url.removeprefix(_SQLITE)
            if path != tool.url and Path(path).name != SAMPLE_DATABASE:
                yield f"agent.tools.{tool.name}.url", path
