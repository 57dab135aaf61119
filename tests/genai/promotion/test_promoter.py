from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from genai.base.tracker import ModelVersion
from genai.errors import BackendFailed
from genai.promotion.promoter import Ended, Parts, Promoter
from genai.promotion.routing import Routing, Shadowed
from genai.promotion.settings import PromoteSettings
from genai.tracking.local import LocalRegistry
from genai.traffic.observed import Observed
from tests.genai.promotion.test_gate import CHAMPION, GATE, evaluation
from tests.genai.promotion.test_live import traffic
from tests.support.routing_table import InProcessRoutingTable

INITIAL = Routing(champion="blue", challenger="green")


class World:
    """A service whose clock goes on when somebody waits, and whose slots load what they are told."""

    def __init__(self, folder: Path, *, challenger: dict[str, float], loads: bool = True) -> None:
        self.now = 0.0
        self.table = InProcessRoutingTable()
        self.registry = LocalRegistry(folder / "registry")
        self.audit: list[tuple[str, str]] = []
        self.shares: list[tuple[str, float]] = []
        self.fails = False
        self._challenger = challenger
        self._loads = loads
        (folder / "weights").mkdir()
        made = self.registry.register("bank", folder / "weights", run_id="", tags={})
        self.registry.appoint(made, "candidate")

    async def async_since(self, at: float) -> tuple[Sequence[Observed], Mapping[str, str]]:
        if self.fails:
            raise BackendFailed("no")
        routing = await self.table.async_read("bank")
        assert routing is not None
        self.shares.append((routing.stage, routing.share))
        count = int((self.now - at) * 20)
        found: list[Observed] = []
        for slot, worse in ((routing.champion, {}), (routing.challenger, self._challenger)):
            seen = traffic(count, len(slot), **worse)
            found += [one.model_copy(update={"model": slot}) for one in seen]
        return found, {}

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        routing = await self.table.async_read("bank")
        assert routing is not None
        if self._loads:
            await self.table.async_report(routing.challenger, routing.versions[routing.challenger])
        if routing.stage == "shadow":
            code = "backend_failed" if self._challenger.get("failing") else ""
            await self.table.async_shadowed("bank", routing.trial, Shadowed(seconds=1, code=code))

    async def note(self, action: str, target: str, reason: str) -> None:
        self.audit.append((action, reason))

    async def promote(self, f1: float = 0.6, **fields: object) -> Ended:
        known = {
            "model": "bank",
            "name": "bank",
            "challenger": "unused",
            "gate": GATE,
            "load_within_s": 60,
            "within_s": 2000,
            **fields,
        }
        parts = Parts(self.registry, self.table, self, self.note, self.sleep, lambda: self.now)
        promoter = Promoter(PromoteSettings.model_validate(known), parts, INITIAL)
        return await promoter.async_promote(evaluation(f1), CHAMPION)

    async def routing(self) -> Routing:
        found = await self.table.async_read("bank")
        return found or INITIAL

    def version(self) -> ModelVersion:
        found = self.registry.find("bank", "1")
        assert found is not None
        return found


async def test_a_better_model_becomes_champion_over_growing_shares(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={})

    ended = await world.promote()

    assert ended.outcome == "promoted", ended.reason
    routing = await world.routing()
    assert (routing.champion, routing.stage, routing.share) == ("green", "steady", 0)
    assert [share for stage, share in dict.fromkeys(world.shares)] == [0.1, 0.5]
    assert world.registry.find("bank", "champion") == world.version()
    assert world.registry.find("bank", "challenger") is None


async def test_a_model_that_fails_the_gate_is_never_loaded(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={})

    ended = await world.promote(f1=0.3)

    assert ended.outcome == "rejected"
    assert await world.table.async_read("bank") is None
    assert world.version().tags["outcome"] == "rejected"
    assert [action for action, _ in world.audit] == ["model.rejected"]


async def test_a_model_that_fails_live_is_rolled_back_with_the_reason(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={"failing": 0.3})

    ended = await world.promote()

    assert ended.outcome == "rolled_back"
    assert "errors" in ended.reason
    routing = await world.routing()
    assert (routing.champion, routing.stage, routing.share) == ("blue", "steady", 0)
    assert world.version().tags["reason"] == ended.reason
    assert world.audit[-1] == ("model.rolled_back", ended.reason)


async def test_a_model_that_fails_in_shadow_serves_no_session(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={"failing": 1.0})

    ended = await world.promote(shadow_requests=5)

    assert ended.outcome == "rolled_back"
    assert "shadow" in ended.reason
    assert world.shares == []


async def test_a_model_that_does_not_load_is_rolled_back(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={}, loads=False)

    ended = await world.promote()

    assert ended.outcome == "rolled_back"
    assert (await world.routing()).stage == "steady"


async def test_a_trial_without_monitoring_is_rolled_back(tmp_path: Path) -> None:
    world = World(tmp_path, challenger={})
    world.fails = True

    assert (await world.promote()).outcome == "rolled_back"
    assert (await world.routing()).share == 0


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_sessions_keep_their_slot_while_the_share_grows(share: float) -> None:
    from tests.support.answering import context

    contexts = [context().model_copy(update={"affinity": f"s{n}"}) for n in range(2000)]

    def challenged(at: float) -> set[str]:
        routing = INITIAL.model_copy(update={"stage": "canary", "share": at})
        return {c.affinity for c in contexts if routing.slot_of(c) == "green"}

    assert len(challenged(share)) == pytest.approx(2000 * share, rel=0.2)
    assert challenged(share) <= challenged(min(1.0, share + 0.3))
