"""A run that records nothing."""

from collections.abc import Mapping
from pathlib import Path

from genai.base.tracker import Figures


class NotRecorded:
    id = ""

    def params(self, values: Mapping[str, object]) -> None: ...

    def metrics(self, values: Figures, step: int = 0) -> None: ...

    def tags(self, values: Mapping[str, str]) -> None: ...

    def text(self, content: str, name: str) -> None: ...

    def file(self, path: Path) -> None: ...
