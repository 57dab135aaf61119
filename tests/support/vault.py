"""A vault of placeholders in this process."""

from collections import Counter
from collections.abc import Sequence

from genai.base.vault import Vault
from genai.memory.cipher import Cipher
from genai.safety.placeholders import canonical

MARK = "kqzvt"
CIPHER = Cipher(bytes(32))
Session = tuple[str, str, str]


class InProcessVault(Vault):
    def __init__(self) -> None:
        self.data: dict[Session, dict[str, str]] = {}
        self._names: dict[tuple[Session, str, str], str] = {}
        self._counts = Counter[tuple[Session, str]]()

    async def async_known(self, tenant: str, user: str, session_id: str) -> dict[str, str]:
        return dict(self.data.get((tenant, user, session_id), {}))

    async def async_name(
        self, tenant: str, user: str, session_id: str, found: Sequence[tuple[str, str]]
    ) -> list[str]:
        session = (tenant, user, session_id)
        return [self._name(session, entity, data) for entity, data in found]

    def _name(self, session: Session, entity: str, data: str) -> str:
        key = (session, entity, canonical(entity, data))
        if key not in self._names:
            self._counts[session, entity] += 1
            self._names[key] = f"<{entity}_{self._counts[session, entity]}_{MARK}>"
            self.data.setdefault(session, {})[self._names[key]] = data
        return self._names[key]
