"""Plans in randomly crashing processes: effects happen once and as approved; finished steps are not repeated.

PLAN_SEQUENCES=1000 python -m pytest tests/genai/runs/test_any_sequence_of_plans.py
"""

import asyncio
import json
import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from genai.approvals.approval import Approval
from genai.base.answerer import BaseAnswerer
from genai.errors import GenAIError
from genai.factory.state_factory import State
from genai.messages import Question
from genai.runs.approval_requester import approval_id, effect_key
from genai.settings.application import Settings
from genai.settings.plans import PlanSettings
from tests.support.agents import LookupTool
from tests.support.crashes import CrashCountdown, CrashingLLM, CrashingTool, Killed, inject_crashes
from tests.support.plans import Part, Stage, a_plan, ask, parallel, sequence
from tests.support.running import async_idle
from tests.support.runs import (
    TENANT,
    ChangeTool,
    PlannedLLM,
    RunWorker,
    a_run,
    answer,
    call,
    calls,
    open_worker,
    run_settings,
)

SEQUENCES = int(os.environ.get("PLAN_SEQUENCES", "60"))
BATCHES = 6
MOST_STEPS = 90
MOST_CRASHES = 12

pytestmark = pytest.mark.timeout(120 + SEQUENCES)

PLANS: dict[str, PlanSettings] = {
    "branches": a_plan(
        start=parallel("look", "one", "two"),
        look=ask("look"),
        one=ask("one", "agent"),
        two=ask("two", "agent"),
    ),
    "steps": a_plan(
        start=sequence("look", "one", "change"),
        look=ask("look"),
        one=ask("one", "agent", retries=1),
        change={"node": "tool", "tool": "block", "arguments": {"card": 50}},
    ),
    "nested": a_plan(
        start=parallel("left", "two"),
        left=sequence("look", "change"),
        look=ask("look"),
        change={"node": "tool", "tool": "wire", "arguments": {"card": 60}},
        two=ask("two", "agent", on_failure="fallback", fallback="other"),
        other=ask("other"),
    ),
}
PLACES = {
    "branches": ("start/1.one", "start/2.two"),
    "steps": ("start/1.one", "start/2.change"),
    "nested": ("start/0.left/1.change", "start/1.two"),
}


@dataclass
class PlanSequence:
    """A question answered by a plan, over several crashing processes."""

    settings: Settings
    redis: Redis
    seed: int
    safe: ChangeTool = field(default_factory=lambda: ChangeTool(name="block"))
    unsafe: ChangeTool = field(default_factory=lambda: ChangeTool(name="wire", exactly_once=False))
    looked: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    crashes: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.name = self.rng.choice(sorted(PLANS))
        self.said = {name: self._said() for name in ("one", "two")}

    def _said(self) -> list[str]:
        kinds = (
            call(self.rng.choice(("block", "wire")), card=self.rng.randint(1, 9)),
            calls(("lookup", {"key": "a"}), ("block", {"card": 20})),
            call("lookup", key="a"),
        )
        steps = self.rng.sample(kinds, self.rng.randint(1, 2))
        return [*steps, answer("Done.")]

    def open(self, countdown: CrashCountdown) -> RunWorker:
        tools = [CrashingTool(tool, countdown) for tool in (self.safe, self.unsafe)]

        def around(agent: BaseAnswerer, state: State) -> BaseAnswerer:
            stage = Stage(
                PLANS[self.name],
                {"look": Part("seen", steps=1)},
                acting=agent,
                requester=state.requester,
                tools={tool.name: tool for tool in tools},
            )
            stage.rag.began, stage.rag.ended = self.looked, self.finished
            return stage.answerer

        llm = CrashingLLM(PlannedLLM(self.said), countdown)
        offered: list[Any] = [*tools, LookupTool({"a": "1"})]
        worker = open_worker(self.settings, llm, offered, around=around)
        inject_crashes(worker.state.store, countdown)
        return worker

    async def play(self) -> None:
        worker = self.open(self.countdown())
        asked = a_run(await worker.person("ann"), "run", "both").model_copy(
            update={"plan": "plan", "route": "auto"}
        )
        self.asked = asked
        begun = False
        for _ in range(MOST_CRASHES):
            with suppress(Killed, GenAIError):
                if not begun:
                    begun = True
                    await self.begin(worker, asked)
                await self.some_work(worker)
            await self.crash(worker)
            worker = self.open(self.countdown())
        await self.crash(worker)
        await self.finish()

    def countdown(self) -> CrashCountdown:
        kinds = (
            CrashCountdown(self.rng.randint(20, MOST_STEPS)),
            CrashCountdown(acts=self.rng.randint(1, 3)),
        )
        return self.rng.choice(kinds)

    async def begin(self, worker: RunWorker, asked: Question) -> None:
        if self.rng.random() < 0.7:
            await worker.runner.async_begin(asked, {})
            return
        async for _ in worker.assistant.async_stream(asked):
            pass

    async def some_work(self, worker: RunWorker) -> None:
        for _ in range(self.rng.randint(1, 4)):
            await worker.runner.async_sweep()
            await asyncio.sleep(0.002)
            for approval in await worker.pending():
                choice = self.rng.choice(("approve", "approve", "reject", "wait"))
                if choice != "wait":
                    await worker.decide(approval.request.id, choice)

    async def crash(self, worker: RunWorker) -> None:
        self.crashes += 1
        inject_crashes(worker.state.store, CrashCountdown(0))
        await worker.runner.async_close()
        await worker.state.store.close()
        for lease in await self.redis.keys("*|lease|*"):
            await self.redis.delete(lease)
        names = await self.redis.zrange("gaf|runs", 0, -1)
        if names:
            await self.redis.zadd("gaf|runs", dict.fromkeys(names, 0))

    async def finish(self) -> None:
        worker = self.open(CrashCountdown())
        async with asyncio.timeout(30):
            while (found := await worker.state.runs.async_read(TENANT, "run")) is not None:
                if found[0].status in ("done", "failed"):
                    break
                await worker.runner.async_sweep()
                await async_idle(worker.runner)
                for approval in await worker.pending():
                    await worker.decide(approval.request.id)
                await asyncio.sleep(0.001)
        await self.check(worker)
        await worker.close()

    async def check(self, worker: RunWorker) -> None:
        done = Counter(zip(self.safe.keys, self.safe.done, strict=True))
        done.update(zip(self.unsafe.keys, self.unsafe.done, strict=True))
        allowed = {
            (effect_key(part, effect), json.loads(asked.ruling.arguments)["card"])
            for part, effect, asked in await self.asked_for(worker)
            if asked.ruling is not None and asked.ruling.verdict == "approved"
        }
        assert set(done.values()) <= {1}, f"an effect happened twice ({self.seed})"
        assert set(done) <= allowed, f"nobody approved this ({self.seed})"
        # Finished and recorded steps are not repeated: each crash may lose one.
        assert len(self.looked) <= self.crashes + 1

    async def asked_for(self, worker: RunWorker) -> list[tuple[Question, str, Approval]]:
        found = []
        for place in PLACES[self.name]:
            part = self.asked.model_copy(update={"place": place})
            for effect in (f"{step}/{number}" for step in range(6) for number in range(6)):
                known = await worker.state.approvals.async_find(TENANT, approval_id(part, effect))
                if known is not None:
                    found.append((part, effect, known))
        return found


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_every_effect_of_a_plan_happens_once_and_only_as_approved(
    batch: int, redis_socket: Path, redis_client: Redis, tmp_path: Path
) -> None:
    settings = run_settings(redis_socket, tmp_path, lease_s=60.0)
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, what: None
    )  # ignore errors of crashed processes
    effects = 0
    for number in range(batch, SEQUENCES, BATCHES):
        await redis_client.flushall()
        sequence = PlanSequence(settings, redis_client, number)
        await sequence.play()
        effects += len(sequence.safe.done) + len(sequence.unsafe.done)
    assert effects > 0
