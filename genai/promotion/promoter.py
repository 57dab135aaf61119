"""Takes a model from the registry through the gate into traffic, or rolls it back.

    gate ──▶ load ──▶ shadow ──▶ canary ──▶ champion
      └───────┴─────────┴──────────┴──────▶ rejected or rolled back

The reason for the end is written to the registry and the audit log. After a crash, a promotion resumes at
the stage stored in the routing.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from genai.base.tracker import ModelVersion, Registry
from genai.errors import GenAIError, Misconfigured
from genai.evaluation.evaluation import Evaluation
from genai.messages import Value
from genai.promotion.gate import judge
from genai.promotion.live import LiveVerdict, judge_live
from genai.promotion.routing import Routing, RoutingTable
from genai.promotion.settings import PromoteSettings
from genai.traffic.observed import Observed

logger = logging.getLogger(__name__)

CHAMPION, CHALLENGER = "champion", "challenger"


class Ended(Value):
    """How a promotion ended."""

    outcome: Literal["promoted", "rejected", "rolled_back"]
    reason: str
    version: int
    figures: dict[str, float] = {}


class Traffic(Protocol):
    async def async_since(self, at: float) -> tuple[Sequence[Observed], Mapping[str, str]]:
        """Requests since the Unix time, and the ratings of answers. Raises `BackendFailed`."""
        ...


Audit = Callable[[str, str, str], Awaitable[None]]
"""Writes an action, its target and its reason to the audit log."""


@dataclass(frozen=True, slots=True)
class Parts:
    registry: Registry
    table: RoutingTable
    traffic: Traffic
    audit: Audit
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.time


class Promoter:
    def __init__(self, settings: PromoteSettings, parts: Parts, initial: Routing) -> None:
        self._settings = settings
        self._parts = parts
        self._initial = initial

    async def async_promote(self, challenger: Evaluation, champion: Evaluation | None) -> Ended:
        """Raises `Misconfigured` if there is no candidate, and the errors of registry and table."""
        version = self._parts.registry.find(self._settings.name, self._settings.candidate)
        if version is None:
            raise Misconfigured(f"the registry has no {self._settings.candidate} of this model")
        verdict = judge(self._settings.gate, challenger, champion, seed=self._settings.seed)
        if not verdict.passed:
            return await self._end(version, "rejected", f"gate, {verdict.reason}")
        await self._record("gate.passed", version, verdict.reason)
        routing = await self._load(version)
        if routing is None:
            return await self._roll_back(version, "the version could not be loaded in time")
        try:
            return await self._try_out(version, routing)
        except GenAIError as error:
            # A trial without monitoring must not go on; the champion alone is safe.
            return await self._roll_back(version, f"the trial could not be watched: {error}")

    async def _try_out(self, version: ModelVersion, routing: Routing) -> Ended:
        failed = await self._shadow(routing)
        if failed:
            return await self._roll_back(version, failed)
        verdict = LiveVerdict(action="rollback", reason="no share was offered")
        for share in self._settings.shares:
            verdict = await self._canary(routing, share)
            if verdict.action == "rollback":
                return await self._roll_back(version, verdict.reason, verdict.figures)
        return await self._promote(version, routing, verdict)

    async def _load(self, version: ModelVersion) -> Routing | None:
        """Load the version into the challenger's slot; no traffic yet."""
        current = await self._parts.table.async_read(self._settings.model) or self._initial
        self._parts.registry.appoint(version, CHALLENGER)
        routing = current.model_copy(
            update={
                "versions": {**current.versions, current.challenger: version.folder},
                "stage": "loading",
                "share": 0.0,
                "trial": current.trial + 1,
            }
        )
        await self._write(routing)
        await self._record("challenger.loading", version, "passed the gate")
        until = self._parts.clock() + self._settings.load_within_s
        while self._parts.clock() < until:
            if await self._parts.table.async_loaded(routing.challenger) == version.folder:
                return routing
            await self._parts.sleep(min(1.0, self._settings.look_every_s))
        return None

    async def _shadow(self, routing: Routing) -> str:
        """Send shadow traffic; returns the reason against the challenger, empty if there is none."""
        wanted = self._settings.shadow_requests
        if not wanted:
            return ""
        await self._write(routing.model_copy(update={"stage": "shadow"}))
        until = self._parts.clock() + self._settings.within_s
        while self._parts.clock() < until:
            shadows = await self._parts.table.async_shadows(self._settings.model, routing.trial)
            if len(shadows) >= wanted:
                failed = sum(bool(one.code) for one in shadows)
                if failed > self._settings.shadow_errors * len(shadows):
                    return f"shadow, {failed} of {len(shadows)} requests failed"
                return ""
            await self._parts.sleep(self._settings.look_every_s)
        return "shadow, too few requests came"

    async def _canary(self, routing: Routing, share: float) -> LiveVerdict:
        began = self._parts.clock()
        await self._write(routing.model_copy(update={"stage": "canary", "share": share}))
        logger.info("canary", extra={"share": share})
        while self._parts.clock() < began + self._settings.within_s:
            await self._parts.sleep(self._settings.look_every_s)
            observed, ratings = await self._parts.traffic.async_since(began)
            verdict = judge_live(
                self._settings.live,
                [one for one in observed if one.model == routing.champion],
                [one for one in observed if one.model == routing.challenger],
                ratings,
            )
            logger.info("compared", extra={"action": verdict.action, **verdict.figures})
            if verdict.action != "continue":
                return verdict
        return LiveVerdict(action="rollback", reason="live, too few requests came in time")

    async def _promote(
        self, version: ModelVersion, routing: Routing, verdict: LiveVerdict
    ) -> Ended:
        swapped = routing.model_copy(
            update={
                "champion": routing.challenger,
                "challenger": routing.champion,
                "stage": "steady",
                "share": 0.0,
            }
        )
        await self._write(swapped)
        self._parts.registry.appoint(version, CHAMPION)
        return await self._end(version, "promoted", verdict.reason, verdict.figures)

    async def _roll_back(
        self, version: ModelVersion, reason: str, figures: Mapping[str, float] | None = None
    ) -> Ended:
        current = await self._parts.table.async_read(self._settings.model) or self._initial
        await self._write(current.model_copy(update={"stage": "steady", "share": 0.0}))
        return await self._end(version, "rolled_back", reason, figures)

    async def _end(
        self,
        version: ModelVersion,
        outcome: Literal["promoted", "rejected", "rolled_back"],
        reason: str,
        figures: Mapping[str, float] | None = None,
    ) -> Ended:
        self._parts.registry.dismiss(version.name, CHALLENGER)
        self._parts.registry.note(version, {"outcome": outcome, "reason": reason[:500]})
        await self._record(f"model.{outcome}", version, reason)
        return Ended(
            outcome=outcome, reason=reason, version=version.version, figures=dict(figures or {})
        )

    async def _write(self, routing: Routing) -> None:
        await self._parts.table.async_write(self._settings.model, routing)

    async def _record(self, action: str, version: ModelVersion, reason: str) -> None:
        logger.info(
            "promotion", extra={"action": action, "version": version.version, "why": reason}
        )
        await self._parts.audit(action, version.uri, reason)
