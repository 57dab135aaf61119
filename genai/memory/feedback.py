"""What people thought of answers, kept for whoever improves the assistant.

{tenant}|feedback     a list of JSON, the newest last
"""

from typing import Literal, Protocol

from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.messages import Value

MOST_KEPT = 100_000


Rating = Literal["up", "down"]


class Opinion(Protocol):
    """What somebody thought of an answer. ``at`` is Unix time."""

    @property
    def id(self) -> str: ...
    @property
    def answer_id(self) -> str: ...
    @property
    def rating(self) -> Rating: ...
    @property
    def comment(self) -> str: ...
    @property
    def at(self) -> float: ...


class StoredFeedback(Value):
    """An opinion, and whose it is."""

    user: str
    id: str
    answer_id: str
    rating: Rating
    comment: str = ""
    at: float


_ADD = Script(
    """
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[2], -1)
return 1
"""
)


class RedisFeedback:
    """Raises `BackendFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_add(self, tenant: str, user: str, feedback: Opinion) -> None:
        stored = StoredFeedback(
            user=checked(user, "user"),
            id=feedback.id,
            answer_id=feedback.answer_id,
            rating=feedback.rating,
            comment=feedback.comment,
            at=feedback.at,
        )
        await self._store.run(_ADD([_place(tenant)], (stored.model_dump_json(), MOST_KEPT), int))

    async def async_newest(self, tenant: str, *, limit: int = 1000) -> tuple[StoredFeedback, ...]:
        """The newest opinions, the oldest of them first."""
        newest = ("LRANGE", _place(tenant), -limit, -1)
        return await self._store.run(Command(newest, _parsed))


def _place(tenant: str) -> str:
    return key_of(checked(tenant, "tenant"), "feedback")


def _parsed(reply: list[bytes]) -> tuple[StoredFeedback, ...]:
    return tuple(map(StoredFeedback.model_validate_json, reply))
