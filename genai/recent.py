"""What was used last, so many at most."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value], Generic[Key, Value]):
    """A mapping that forgets what was kept or recalled longest ago. ``capacity`` counts its keys."""

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
