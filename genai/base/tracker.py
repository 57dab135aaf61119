"""The interface of what keeps a record of experiments, and of the models that came of them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from genai.messages import Value

Figures = Mapping[str, float]


class ModelVersion(Value):
    """A registered model. ``folder`` holds its weights, on this machine."""

    name: str
    version: int
    folder: str
    run_id: str = ""
    tags: dict[str, str] = {}

    @property
    def uri(self) -> str:
        return f"models:/{self.name}/{self.version}"


class Run(Protocol):
    """One attempt. What cannot be recorded is logged and dropped: the work itself goes on."""

    @property
    def id(self) -> str: ...

    def params(self, values: Mapping[str, object]) -> None: ...

    def metrics(self, values: Figures, step: int = 0) -> None: ...

    def tags(self, values: Mapping[str, str]) -> None: ...

    def text(self, content: str, name: str) -> None:
        """Keep a file with this content."""
        ...

    def file(self, path: Path) -> None:
        """Keep a copy of the file."""
        ...


class Tracker(Protocol):
    def run(self, experiment: str, name: str, *, run_id: str = "") -> AbstractContextManager[Run]:
        """A new run, or the one with this id again. It has failed when the block raises."""
        ...


class Registry(Protocol):
    """Models by name and version. Unlike runs these must not get lost: raises `BackendFailed`."""

    def register(
        self, name: str, folder: Path, *, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Copy the weights in the folder into the registry, as the next version of the name."""
        ...

    def find(self, name: str, version: str) -> ModelVersion | None:
        """By number, or by an alias such as ``champion``."""
        ...

    def appoint(self, version: ModelVersion, alias: str) -> None:
        """Give the alias to this version, and take it from the one that has it."""
        ...

    def dismiss(self, name: str, alias: str) -> None:
        """Take the alias from whoever has it. Safe to call twice."""
        ...

    def note(self, version: ModelVersion, tags: Mapping[str, str]) -> None: ...
