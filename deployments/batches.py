"""The lists of items that a remote generator yields."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from ray.serve.exceptions import RequestCancelledError
from ray.serve.handle import DeploymentHandle, DeploymentResponseGenerator

from deployments.lone_calls import begun_alone
from deployments.ray_errors import translated


class Batches:
    """The lists that a remote generator yields. Who stops waiting for the next one loses nothing."""

    def __init__(self, method: DeploymentHandle[Any], arguments: tuple[object, ...]) -> None:
        self._callee = method.deployment_name
        begun = begun_alone(method, arguments)
        self._batches = cast("DeploymentResponseGenerator[list[Any]]", begun)
        self._reading: asyncio.Task[list[Any] | None] | None = None
        self._over = False

    async def next(self) -> list[Any] | None:
        """None at the end."""
        self._reading = asyncio.create_task(_next(self._batches))
        return await self._read()

    async def rest(self) -> list[Any]:
        """All until the end, with the last list again."""
        batch = await self._read() if self._reading else await self.next()
        rest: list[Any] = []
        while batch is not None:
            rest += batch
            batch = await self.next()
        return rest

    async def _read(self) -> list[Any] | None:
        assert self._reading is not None
        with translated(self._callee):
            batch = await asyncio.shield(self._reading)
        self._over = batch is None
        return batch

    def cancel(self) -> None:
        """No effect after the end."""
        if self._reading is not None:
            self._reading.cancel()
        if not self._over:
            self._batches.cancel()  # type: ignore[no-untyped-call]


async def _next(batches: AsyncIterator[list[Any]]) -> list[Any] | None:
    """Turns Serve's `RequestCancelledError` back into a cancellation of the caller."""
    try:
        return await anext(batches, None)
    except RequestCancelledError:
        raise asyncio.CancelledError from None
