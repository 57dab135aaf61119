"""Erases the runs and approvals of one person."""

from collections.abc import Mapping

from genai.approvals.store import ApprovalStore
from genai.runs.store import RunStore


class RunRecords:
    """Their journals are erased with the records of the user."""

    def __init__(self, runs: RunStore, approvals: ApprovalStore) -> None:
        self._runs = runs
        self._approvals = approvals

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        return {
            "runs": await self._runs.async_erase(tenant, user),
            "approvals": await self._approvals.async_erase(tenant, user),
        }
