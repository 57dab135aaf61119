"""The interfaces of experiment tracking and of the model registry."""

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


class TrackedRun(Protocol):
    """One tracked run. Recording errors are logged and do not stop the work."""

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
    def run(
        self, experiment: str, name: str, *, run_id: str = ""
    ) -> AbstractContextManager[TrackedRun]:
        """A new run, or an existing one by its id. It is marked as failed when the block raises."""
        ...


class Registry(Protocol):
    """Models by name and version. Unlike runs, they must not be lost: raises `BackendFailed`."""

    def register(
        self, name: str, folder: Path, *, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Copy the weights from the folder into the registry as the next version."""
        ...

    def find(self, name: str, version: str) -> ModelVersion | None:
        """Finds a version by number, or by an alias such as ``champion``."""
        ...

    def appoint(self, version: ModelVersion, alias: str) -> None:
        """Move the alias to this version."""
        ...

    def dismiss(self, name: str, alias: str) -> None:
        """Remove the alias. Safe to call twice."""
        ...

    def note(self, version: ModelVersion, tags: Mapping[str, str]) -> None: ...
