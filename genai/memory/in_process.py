"""Sessions in this process alone, for tests and for trying things out. Nothing expires."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from genai.base.memory import BaseMemory
from genai.errors import NotFound
from genai.memory.names import checked
from genai.memory.redis import NO_SUCH_SESSION, completed_turn
from genai.messages import Turn
from genai.settings.state import MemorySettings


@dataclass(slots=True)
class _Session:
    user: str
    turns: list[Turn] = field(default_factory=list)


class InProcessMemory(BaseMemory):
    def __init__(
        self,
        settings: MemorySettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings or MemorySettings()
        self._clock = clock
        self._sessions: dict[tuple[str, str], _Session] = {}

    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        session = self._find(tenant, user, session_id)
        if not turns:
            return
        if session is None:
            session = self._sessions[tenant, session_id] = _Session(user)
        session.turns += [completed_turn(turn, self._clock()) for turn in turns]
        del session.turns[: -self._settings.max_turns]

    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        session = self._find(tenant, user, session_id)
        found: list[Turn] = []
        for turn in reversed(session.turns if session else []):
            max_tokens -= turn.tokens
            if max_tokens < 0:
                break
            found.append(turn)
        return tuple(found[::-1])

    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        if self._find(tenant, user, session_id) is None:
            return False
        del self._sessions[tenant, session_id]
        return True

    async def async_turns(self, tenant: str, user: str, session_id: str) -> tuple[Turn, ...]:
        """All turns that are kept, oldest first. Raises `NotFound` for an unknown session."""
        session = self._find(tenant, user, session_id)
        if session is None:
            raise NotFound(NO_SUCH_SESSION)
        return tuple(session.turns)

    async def async_sessions(self, tenant: str, user: str) -> tuple[str, ...]:
        """The ids of the user's sessions, the first made at the beginning."""
        return tuple(
            session_id
            for (owner, session_id), session in self._sessions.items()
            if owner == tenant and session.user == user
        )

    def _find(self, tenant: str, user: str, session_id: str) -> _Session | None:
        checked(tenant, "tenant"), checked(user, "user"), checked(session_id, "session_id")
        session = self._sessions.get((tenant, session_id))
        if session is not None and session.user != user:
            raise NotFound(NO_SUCH_SESSION)
        return session
