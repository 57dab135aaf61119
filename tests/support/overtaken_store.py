"""A way to Redis on which what is posted overtakes what callers wait for."""

from typing import Any

from genai.errors import StoreUnavailable
from genai.memory.store import Command, Store


class OvertakenStore(Store):
    """Gives nobody a reply. What callers wait for is `under_way`, while what they post arrives."""

    under_way: Command[Any] | None = None

    async def run(self, command: Command[Any]) -> Any:
        self.under_way = command
        raise StoreUnavailable("late")


class RepliesLost(Store):
    """Gives nobody a reply, though Redis carries everything out."""

    async def run(self, command: Command[Any]) -> Any:
        await super().run(command)
        raise StoreUnavailable("late")
