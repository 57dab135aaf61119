"""A deployment in this process, with what counts here as on Serve: messages are pickled, a call runs in a
context of its own, and whoever cancels a call never gets its result.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator, Coroutine
from contextvars import Context
from typing import Any

from ray.serve.exceptions import RequestCancelledError


class Served:
    """The handle of one replica that runs ``server``. A message takes ``hops`` turns of the event loop."""

    def __init__(self, server: Any, *, hops: int = 1) -> None:
        self._server = server
        self._hops = hops
        self.deaf = False
        """Whether messages to stop a call get lost."""

    def __getattr__(self, name: str) -> "_Method":
        return _Method(self, name)

    def options(self, *, method_name: str, **_: object) -> "_Method":
        return _Method(self, method_name)

    def broadcast(self, name: str, *arguments: object) -> "_Broadcast":
        return _Broadcast(self, name, arguments)

    async def travel(self, message: Any) -> Any:
        for _ in range(self._hops):
            await asyncio.sleep(0)
        return pickle.loads(pickle.dumps(message))

    def task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.create_task(work, context=Context())

    async def run(self, name: str, arguments: tuple[object, ...]) -> Any:
        arguments = await self.travel(arguments)
        try:
            result = await getattr(self._server, name)(*arguments)
        except Exception as error:
            raise (await self.travel(error)) from None
        return await self.travel(result)


class _Method:
    def __init__(self, served: Served, name: str) -> None:
        self.deployment_name = type(served._server).__name__
        self._served = served
        self._name = name

    def remote(self, *arguments: object) -> Any:
        if self._name == "stream":
            return _Stream(self._served, arguments)
        return _Response(self._served, self._name, arguments)


class _Response:
    def __init__(self, served: Served, name: str, arguments: tuple[object, ...]) -> None:
        self._task = served.task(served.run(name, arguments))
        self._cancelled = False

    def __await__(self) -> Any:
        return self._result().__await__()

    async def _result(self) -> Any:
        try:
            return await asyncio.shield(self._task)
        finally:
            if self._cancelled:
                raise RequestCancelledError("here")

    def cancel(self) -> None:
        self._cancelled = True
        self._task.cancel()


class _Stream:
    def __init__(self, served: Served, arguments: tuple[object, ...]) -> None:
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._served = served
        self._task = served.task(self._run(arguments))

    async def _run(self, arguments: tuple[object, ...]) -> None:
        served = self._served
        try:
            async for item in served._server.stream(*await served.travel(arguments)):
                self._items.put_nowait(await served.travel(item))
            self._items.put_nowait(StopAsyncIteration())
        except Exception as error:
            self._items.put_nowait(error)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        item = await self._items.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def cancel(self) -> None:
        self._task.cancel()


class _Broadcast:
    def __init__(self, served: Served, name: str, arguments: tuple[object, ...]) -> None:
        self._served = served
        self._asked = (name, arguments)

    async def results_async(self, *, timeout_s: float, return_exceptions: bool) -> list[Any]:
        if self._served.deaf:
            await asyncio.sleep(timeout_s)
            return []
        return [await self._served.task(self._served.run(*self._asked))]
