"""The interface of the store that maps placeholders to personal data."""

from collections.abc import Sequence
from typing import Protocol


class Vault(Protocol):
    """Every session has its own placeholders. Raises `BackendFailed` when it cannot be reached."""

    async def async_known(self, tenant: str, user: str, session_id: str) -> dict[str, str]:
        """The data by placeholder; empty for a session that is new, or another user's."""
        ...

    async def async_name(
        self, tenant: str, user: str, session_id: str, found: Sequence[tuple[str, str]]
    ) -> list[str]:
        """A placeholder for each pair of entity type and data; the same data always gets the same one."""
        ...
