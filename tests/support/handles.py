"""Stand-ins for Ray's handles: methods of deployments whose replicas die on purpose."""

from collections.abc import AsyncIterator
from typing import Any

from ray.exceptions import ActorDiedError

DIES = ActorDiedError()


class Replies:
    """A method of a deployment that returns its outcomes in order. An outcome is a value, an exception,
    or, for a stream, a list of items that may end with an exception. The last outcome is repeated.
    """

    deployment_name = "RAG"

    def __init__(self, *outcomes: Any) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.cancelled = 0
        self._outcomes = list(outcomes)

    def options(self, **_: object) -> "Replies":
        return self

    def remote(self, *arguments: object) -> "_Response":
        self.calls.append(arguments)
        last = len(self._outcomes) == 1
        return _Response(self, self._outcomes[0] if last else self._outcomes.pop(0))


class _Response:
    def __init__(self, method: Replies, outcome: Any) -> None:
        self._method = method
        self._outcome = outcome
        self._items = iter(outcome) if isinstance(outcome, list) else iter([outcome])

    def __await__(self) -> Any:
        return self._whole().__await__()

    async def _whole(self) -> Any:
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        for item in self._items:
            if isinstance(item, BaseException):
                raise item
            return item
        raise StopAsyncIteration

    def cancel(self) -> None:
        self._method.cancelled += 1


class Deployment:
    """A handle whose methods are given by name."""

    def __init__(self, **methods: Replies) -> None:
        self._methods = methods

    def __getattr__(self, name: str) -> Replies:
        return self._methods[name]

    def options(self, *, method_name: str, **_: object) -> Replies:
        return self._methods[method_name]
