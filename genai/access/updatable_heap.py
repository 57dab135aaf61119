"""A priority queue whose items can change their priority or leave.

An outdated entry stays in the heap until it comes to the top, or until outdated ones outnumber the valid
ones. So each step takes O(log n), amortised, and the memory is O(n).
"""

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")
Priority = tuple[float, ...]

SPARE = 16
"""So many outdated entries are tolerated however few are valid."""


class UpdatableHeap(Generic[T]):
    """The item with the lowest priority comes first; of equal ones, the one that was set first."""

    def __init__(self) -> None:
        self._heap: list[tuple[Priority, int, T]] = []
        self._valid: dict[T, tuple[Priority, int, T]] = {}
        self._set = 0

    def __len__(self) -> int:
        return len(self._valid)

    @property
    def entries(self) -> int:
        """Including outdated ones."""
        return len(self._heap)

    def set(self, item: T, *priority: float) -> None:
        """Add the item, or change its priority."""
        self._set += 1
        entry = (priority, self._set, item)
        self._valid[item] = entry
        if len(self._heap) > 2 * len(self._valid) + SPARE:
            self._heap = list(self._valid.values())
            heapq.heapify(self._heap)
        else:
            heapq.heappush(self._heap, entry)

    def discard(self, item: T) -> None:
        self._valid.pop(item, None)

    def first(self) -> T | None:
        heap = self._heap
        while heap and self._valid.get(heap[0][2]) is not heap[0]:
            heapq.heappop(heap)
        return heap[0][2] if heap else None
