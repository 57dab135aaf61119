"""Promote a model: through the gate and into traffic, or roll it back.

    python -m jobs.promote --config jobs/promote.yaml
    ray job submit --working-dir . -- python -m jobs.promote --config jobs/promote.yaml

The service must be running. Prints the outcome. Exits with 0 when the model is the champion, with 3 when it
was rejected or rolled back, and with 1 when no decision was possible.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from genai.access.feedback import FeedbackLog
from genai.audit.chain import AuditedDecision
from genai.audit.log import AuditLog
from genai.base.tracker import Registry
from genai.errors import Misconfigured
from genai.evaluation.evaluation import Evaluation
from genai.evaluation.records import read_evaluation
from genai.factory.routing_factory import initial_routing
from genai.factory.state_factory import build_audit_log
from genai.promotion.promoter import Ended, Parts, Promoter
from genai.promotion.routing import Routing
from genai.promotion.settings import PromoteSettings
from genai.promotion.tables import RedisRoutingTable
from genai.settings.application import Settings
from genai.settings.models import CanarySettings
from genai.tracking.runs import NoTracker, default_registry, default_tracker
from genai.traffic.exchanges import ratings_of
from genai.traffic.log import TrafficLog
from genai.traffic.observed import Observed
from jobs import config
from jobs.traffic import service_settings, service_state

NOT_PROMOTED = 3
ACTOR = "jobs.promote"


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/promote.yaml")
    config.add_service(parser)
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, PromoteSettings)
        ended = promote(settings, service_settings(args.service))
        print(f"{ended.outcome}: version {ended.version}, {ended.reason}")
        return 0 if ended.outcome == "promoted" else NOT_PROMOTED

    return config.run(work)


def promote(
    settings: PromoteSettings, service: Settings, *, registry: Registry | None = None
) -> Ended:
    """Raises `Misconfigured` and `BackendFailed` if no decision is possible."""
    registry = registry or default_registry()
    if registry is None:
        raise Misconfigured("promotion needs the registry: make install-jobs")
    challenger = read_evaluation(Path(settings.challenger))
    champion = read_evaluation(Path(settings.champion)) if settings.champion else None
    ended = asyncio.run(_promote(settings, service, registry, challenger, champion))
    _record(settings, ended)
    return ended


async def _promote(
    settings: PromoteSettings,
    service: Settings,
    registry: Registry,
    challenger: Evaluation,
    champion: Evaluation | None,
) -> Ended:
    async with service_state(service) as state:
        parts = Parts(
            registry=registry,
            table=RedisRoutingTable(lambda: state.store),
            traffic=ServiceTraffic(state.traffic, state.feedback, settings.tenant),
            audit=Audited(build_audit_log(state.store, service), settings.tenant).async_note,
        )
        promoter = Promoter(settings, parts, _initial(settings, service))
        return await promoter.async_promote(challenger, champion)


def _initial(settings: PromoteSettings, service: Settings) -> Routing:
    configured = service.llms.get(settings.model)
    if not isinstance(configured, CanarySettings):
        raise Misconfigured(f"the service has no model {settings.model} with two slots")
    return initial_routing(configured)


OVERLAP_S = 120.0
"""Requests are logged with a delay."""


class ServiceTraffic:
    """Keeps the records that it has read: the log has only the newest, and a trial may need more."""

    def __init__(self, log: TrafficLog, feedback: FeedbackLog, tenant: str) -> None:
        self._log = log
        self._feedback = feedback
        self._tenant = tenant
        self._seen: dict[Observed, None] = {}
        self._read_until = 0.0

    async def async_since(self, at: float) -> tuple[Sequence[Observed], Mapping[str, str]]:
        new = await self._log.async_read(since=max(at, self._read_until - OVERLAP_S))
        self._seen = {one: None for one in (*self._seen, *new) if one.at >= at}
        self._read_until = max((one.at for one in new), default=self._read_until)
        return tuple(self._seen), await ratings_of(self._feedback, self._tenant)


class Audited:
    def __init__(self, log: AuditLog, tenant: str) -> None:
        self._log = log
        self._tenant = tenant

    async def async_note(self, action: str, target: str, reason: str) -> None:
        decision = AuditedDecision(action=action, actor=ACTOR, target=target, reason=reason[:500])
        await self._log.async_append(self._tenant, decision)


def _record(settings: PromoteSettings, ended: Ended) -> None:
    tracker = default_tracker() or NoTracker()
    with tracker.run("promote", f"{settings.name}-{ended.version}") as run:
        run.params(settings.model_dump(mode="json", exclude={"gate"}))
        run.tags({"outcome": ended.outcome, "reason": ended.reason, "version": str(ended.version)})
        run.metrics(ended.figures)


if __name__ == "__main__":
    sys.exit(main())
