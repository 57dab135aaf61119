from pathlib import Path

import pytest

from genai.rag.storage.remains import SWEPT_EVERY_S, Remains

QUARTER_OF_AN_HOUR = 900.0


class Store:
    """Only the times at which rows were deleted, and whether they are still in its files."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000.0
        self.rewritings = 0
        self.remains = Remains(folder, clock=lambda: self.now)
        self.deleted: list[float] = []
        self.leaving: list[tuple[float, list[float]]] = []

    def delete(self) -> None:
        self.remains.add()
        self.deleted.append(self.now)

    def sweep(self) -> None:
        if self.remains.to_rewrite():
            self.rewritings += 1
            self.leaving.append((self.now, self.deleted))
            self.deleted = []
            self.remains.rewritten()
        if self.remains.to_remove():
            kept_s = self.remains.kept_s
            self.leaving = [one for one in self.leaving if self.now - one[0] <= kept_s]
            self.remains.removed()

    def oldest(self) -> float:
        there = [at for _, deleted in self.leaving for at in deleted] + self.deleted
        return min(there, default=self.now)


@pytest.mark.parametrize("every_s", [1.0, 7.0, 45.0, 200.0, 5_000.0])
def test_nothing_stays_longer_than_a_quarter_of_an_hour(tmp_path: Path, every_s: float) -> None:
    """However often more is deleted."""
    store, next_sweep = Store(tmp_path), 1_000.0
    while store.now < 8_000:
        store.delete()
        store.now += every_s
        while next_sweep <= store.now:
            now, store.now = store.now, next_sweep
            store.sweep()
            assert store.now - store.oldest() < QUARTER_OF_AN_HOUR
            store.now, next_sweep = now, next_sweep + SWEPT_EVERY_S

    assert 0 < store.rewritings <= 7_000 / 60


def test_who_reads_has_ten_minutes(tmp_path: Path) -> None:
    now = 0.0
    remains = Remains(tmp_path, clock=lambda: now)
    remains.add()
    assert not remains.to_rewrite()

    now = 60.0
    assert remains.to_rewrite()
    remains.rewritten()
    now = 660.0
    assert not remains.to_remove()

    now = 661.0
    assert remains.to_remove()
    remains.removed()
    assert not remains.any()
