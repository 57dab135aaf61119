"""Calls that their caller can stop and still learn what they have used.

    the caller leaves ─▶ `stop` to all replicas ─▶ the call ends with `Stopped`, which carries the usage

Serve cancels calls, too, but then their result is lost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from genai.errors import CutOff
from genai.llms.spending import Spending, spending
from genai.llms.spent import set_all_spent, spent_by
from genai.lru_cache import LRUCache

T = TypeVar("T")

REMEMBERED = 1000
"""Stopped calls that may yet arrive: a message can overtake another."""


class Stopped(CutOff):
    """The caller has left."""


class StoppableCalls:
    """The running calls of one replica, by the ids that their callers gave them."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[object]] = {}
        self._stopped: LRUCache[str, bool] = LRUCache(REMEMBERED)

    async def run(self, call_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """Raises `Stopped` if the call is or was stopped. Without an id it cannot be.

        The error of a call that was cut off carries the usage of its models, if that is known.
        """
        with spending() as spent:
            if call_id in self._stopped:
                raise _stopped(spent)
            task = asyncio.current_task()
            assert task is not None
            before = task.cancelling()
            self._running[call_id] = task
            try:
                return await work()
            except asyncio.CancelledError:
                if call_id not in self._stopped or task.uncancel() > before:
                    raise
                raise _stopped(spent) from None
            except CutOff as error:
                if spent_by(error) is None:
                    set_all_spent(error, spent.total)
                raise
            finally:
                self._running.pop(call_id, None)

    def stop(self, call_id: str) -> bool:
        """Returns whether the call was running here."""
        self._stopped.keep([(call_id, True)])
        task = self._running.pop(call_id, None)
        return task is not None and task.cancel()


def _stopped(spent: Spending) -> Stopped:
    error = Stopped("the caller has left")
    set_all_spent(error, spent.total)
    return error
