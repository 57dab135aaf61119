"""A least-recently-used cache."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class LRUCache(OrderedDict[Key, Value], Generic[Key, Value]):
    """Holds at most ``capacity`` keys and evicts the one that was stored or looked up longest ago."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity

    def keep(self, items: Iterable[tuple[Key, Value]]) -> None:
        for key, value in items:
            self[key] = value
            self.move_to_end(key)
        while len(self) > self._capacity:
            self.popitem(last=False)

    def recall(self, key: Key) -> Value | None:
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value
