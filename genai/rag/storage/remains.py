"""Tracks deleted rows that are still in the files of a LanceDB store, until they are vacuumed.

    rows deleted ──(COLLECTED_S)──▶ table rewritten without them ──(KEPT_S)──▶ old files removed

Readers may use the old files for a while. The state is a JSON file beside the table, so it survives the
process. Access requires the store's lock.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from genai.messages import Value

COLLECTED_S = 60.0
"""Deletions are collected for this long, because each rewrite copies the whole table."""

KEPT_S = 600.0
"""How long readers may keep using an older version of the table."""

SWEPT_EVERY_S = 30.0
"""Interval of the sweeper. Together with the other two: deleted data is gone after 15 minutes."""


class _Note(Value):
    """Unix times of the first deletion since the last rewrite, and of rewrites whose old files exist."""

    deleted: float | None = None
    rewritten: tuple[float, ...] = ()


class Remains:
    """The pending vacuum work of the store in a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        collected_s: float = COLLECTED_S,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.kept_s = kept_s
        self._path = folder / "remains.json"
        self._collected_s = collected_s
        self._clock = clock

    def any(self) -> bool:
        return self._path.exists()

    def add(self) -> None:
        """Records a deletion. To be called before rows are deleted."""
        note = self._read()
        if note.deleted is None:
            self._write(note.model_copy(update={"deleted": self._clock()}))

    def to_rewrite(self) -> bool:
        deleted = self._read().deleted
        return deleted is not None and self._clock() - deleted >= self._collected_s

    def rewritten(self) -> None:
        note = self._read()
        self._write(_Note(rewritten=(*note.rewritten, self._clock())))

    def to_remove(self) -> bool:
        """Whether the old files of a rewrite are past their time."""
        return len(self._young()) < len(self._read().rewritten)

    def removed(self) -> None:
        self._write(self._read().model_copy(update={"rewritten": self._young()}))

    def _young(self) -> tuple[float, ...]:
        now = self._clock()
        return tuple(at for at in self._read().rewritten if now - at <= self.kept_s)

    def _read(self) -> _Note:
        return _Note.model_validate_json(self._path.read_bytes()) if self.any() else _Note()

    def _write(self, note: _Note) -> None:
        if note == _Note():
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_suffix(".new")
        fresh.write_text(note.model_dump_json())
        os.replace(fresh, self._path)
