"""Session memory in this process, for tests. Nothing expires."""

import time
from collections.abc import Callable, Sequence

from genai.base.memory import BaseMemory
from genai.memory.names import checked
from genai.memory.redis import completed_turn
from genai.messages import Turn
from genai.settings.state import MemorySettings


class InProcessMemory(BaseMemory):
    def __init__(
        self,
        settings: MemorySettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings or MemorySettings()
        self._clock = clock
        self._sessions: dict[tuple[str, str, str], list[Turn]] = {}

    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        key = _key(tenant, user, session_id)
        if not turns:
            return
        kept = self._sessions.setdefault(key, [])
        kept += [completed_turn(turn, self._clock()) for turn in turns]
        del kept[: -self._settings.max_turns]

    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        found: list[Turn] = []
        for turn in reversed(self._sessions.get(_key(tenant, user, session_id), [])):
            max_tokens -= turn.tokens
            if max_tokens < 0:
                break
            found.append(turn)
        return tuple(found[::-1])

    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        return self._sessions.pop(_key(tenant, user, session_id), None) is not None

    async def async_sessions(self, tenant: str, user: str) -> tuple[str, ...]:
        """The ids of the user's sessions, oldest first."""
        return tuple(key[2] for key in self._sessions if key[:2] == (tenant, user))


def _key(tenant: str, user: str, session_id: str) -> tuple[str, str, str]:
    checked(tenant, "tenant"), checked(user, "user"), checked(session_id, "session_id")
    return tenant, user, session_id
