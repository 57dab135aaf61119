"""A model registry in a folder, without MLflow, for tests."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from genai.base.tracker import ModelVersion


class LocalRegistry:
    """``<folder>/<name>/<version>`` holds the weights, ``<folder>/<name>/registry.json`` the rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def register(
        self, name: str, folder: Path, *, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        versions, aliases = self._read(name)
        number = len(versions) + 1
        home = self._folder / name / str(number)
        shutil.copytree(folder, home)
        made = ModelVersion(
            name=name, version=number, folder=str(home), run_id=run_id, tags=dict(tags)
        )
        self._write(name, [*versions, made], aliases)
        return made

    def find(self, name: str, version: str) -> ModelVersion | None:
        versions, aliases = self._read(name)
        number = int(version) if version.isdigit() else aliases.get(version, 0)
        return versions[number - 1] if 0 < number <= len(versions) else None

    def appoint(self, version: ModelVersion, alias: str) -> None:
        versions, aliases = self._read(version.name)
        self._write(version.name, versions, {**aliases, alias: version.version})

    def dismiss(self, name: str, alias: str) -> None:
        versions, aliases = self._read(name)
        aliases.pop(alias, None)
        self._write(name, versions, aliases)

    def note(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        versions, aliases = self._read(version.name)
        old = versions[version.version - 1]
        versions[version.version - 1] = old.model_copy(update={"tags": {**old.tags, **tags}})
        self._write(version.name, versions, aliases)

    def _read(self, name: str) -> tuple[list[ModelVersion], dict[str, int]]:
        path = self._folder / name / "registry.json"
        if not path.is_file():
            return [], {}
        kept = json.loads(path.read_text())
        return [ModelVersion.model_validate(one) for one in kept["versions"]], kept["aliases"]

    def _write(self, name: str, versions: list[ModelVersion], aliases: dict[str, int]) -> None:
        path = self._folder / name / "registry.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"versions": [one.model_dump() for one in versions], "aliases": aliases}
        path.write_text(json.dumps(kept, indent=1))
