"""Erasing the runs of one person, with their approvals."""

from collections.abc import Mapping

from genai.approvals.store import ApprovalStore
from genai.runs.store import RunStore


class RunRecords:
    """What was asked, told and approved. Their journals go with the records of that user."""

    def __init__(self, runs: RunStore, approvals: ApprovalStore) -> None:
        self._runs = runs
        self._approvals = approvals

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        return {
            "runs": await self._runs.async_erase(tenant, user),
            "approvals": await self._approvals.async_erase(tenant, user),
        }
