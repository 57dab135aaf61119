"""A way to Redis on which what is posted overtakes what callers wait for."""

from typing import Any

from genai.errors import StoreUnavailable
from genai.memory.store import Command, Store


class OvertakenStore(Store):
    """Awaited commands stay `under_way` without a reply; posted commands are run."""

    under_way: Command[Any] | None = None

    async def run(self, command: Command[Any]) -> Any:
        self.under_way = command
        raise StoreUnavailable("late")


class RepliesLost(Store):
    """Redis runs all commands, but all replies are lost."""

    async def run(self, command: Command[Any]) -> Any:
        await super().run(command)
        raise StoreUnavailable("late")
