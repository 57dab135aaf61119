"""Random sequences of runs, crashes, decisions and retries: effects happen once, and as approved.

RUN_SEQUENCES=5000 python -m pytest tests/genai/runs/test_any_sequence.py
"""

import asyncio
import json
import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.asyncio import Redis

from genai.approvals.approval import Approval
from genai.errors import GenAIError
from genai.messages import Question
from genai.runs.approval_requester import approval_id, effect_key
from genai.settings.application import Settings
from tests.support.agents import LookupTool
from tests.support.crashes import CrashCountdown, CrashingLLM, CrashingTool, Killed, inject_crashes
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

SEQUENCES = int(os.environ.get("RUN_SEQUENCES", "120"))
BATCHES = 12
EVENTS = 12
MOST_STEPS = 60
"""Maximum number of steps before a process crashes."""

pytestmark = pytest.mark.timeout(120 + SEQUENCES)


@dataclass
class Sequence:
    settings: Settings
    redis: Redis
    seed: int
    safe: ChangeTool = field(default_factory=lambda: ChangeTool(name="block"))
    unsafe: ChangeTool = field(default_factory=lambda: ChangeTool(name="wire", exactly_once=False))
    plans: dict[str, list[str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    crashes: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def open(self, countdown: CrashCountdown) -> RunWorker:
        tools = (self.safe, self.unsafe, LookupTool({"a": "1"}))
        worker = open_worker(
            self.settings,
            CrashingLLM(PlannedLLM(self.plans), countdown),
            [CrashingTool(tool, countdown) for tool in tools],
        )
        inject_crashes(worker.state.store, countdown)
        return worker

    async def play(self) -> None:
        countdown = self.countdown()
        worker = self.open(countdown)
        acts = (self.begin, self.decide, self.decide, self.decide, self.work, self.take_over)
        for event in range(EVENTS):
            if countdown.crashed:
                await self.crash(worker)
                countdown = self.countdown()
                worker = self.open(countdown)
            with suppress(Killed, GenAIError):
                await self.rng.choice(acts)(worker, event)
        await self.crash(worker)
        await self.finish()

    def countdown(self) -> CrashCountdown:
        """Crashes soon, or during a tool call, or never."""
        kinds = (
            CrashCountdown(),
            CrashCountdown(self.rng.randint(1, MOST_STEPS)),
            CrashCountdown(acts=self.rng.randint(1, 4)),
        )
        return self.rng.choice(kinds)

    async def begin(self, worker: RunWorker, event: int) -> None:
        text = f"question {event}"
        self.plans[text] = self.plan()
        who = await worker.person("ann")
        question = a_run(who, f"run-{event}", text)
        self.questions.append(question)
        if self.rng.random() < 0.7:
            await worker.runner.async_begin(question, {})
        else:
            async for _ in worker.assistant.async_stream(question):
                pass

    def plan(self) -> list[str]:
        steps = []
        for card in range(self.rng.randint(1, 3)):
            tool = self.rng.choice(("block", "wire"))
            one = (tool, {"card": card})
            look = ("lookup", {"key": self.rng.choice(("a", "b"))})
            kinds = (call(tool, card=card), calls(look, one), calls(one, look))
            steps.append(self.rng.choice(kinds))
        return [*steps, answer("Done.")]

    async def decide(self, worker: RunWorker, event: int) -> None:
        pending = await worker.pending()
        if not pending:
            return
        chosen = self.rng.choice(pending).request
        choice = self.rng.choice(("approve", "approve", "approve", "reject", "edit"))
        arguments = json.dumps({"card": 100 + event}) if choice == "edit" else ""
        for _ in range(self.rng.choice((1, 1, 2))):
            await worker.decide(chosen.id, choice, arguments)

    async def work(self, worker: RunWorker, event: int) -> None:
        for _ in range(self.rng.randint(1, 4)):
            await worker.runner.async_sweep()
            await asyncio.sleep(0.002)

    async def take_over(self, worker: RunWorker, event: int) -> None:
        """Another process takes over runs of a live process whose leases expired."""
        other = self.open(self.countdown())
        await self.expire_leases()
        with suppress(Killed, GenAIError):
            await other.runner.async_sweep()
        await asyncio.sleep(0.01)
        await kill(other)

    async def expire_leases(self) -> None:
        """Expire all leases, and schedule all runs."""
        for lease in await self.redis.keys("*|lease|*"):
            await self.redis.delete(lease)
        names = await self.redis.zrange("gaf|runs", 0, -1)
        if names:
            await self.redis.zadd("gaf|runs", dict.fromkeys(names, 0))

    async def crash(self, worker: RunWorker) -> None:
        """Crash the process, and expire its leases."""
        self.crashes += 1
        await kill(worker)
        await self.expire_leases()

    async def finish(self) -> None:
        """Finish all runs in a healthy process, with all approvals decided."""
        worker = self.open(CrashCountdown())
        async with asyncio.timeout(30):
            while await self.is_unfinished(worker):
                await worker.runner.async_sweep()
                await async_idle(worker.runner)
                for approval in await worker.pending():
                    choice = self.rng.choice(("approve", "reject"))
                    await worker.decide(approval.request.id, choice)
                await self.expire_leases()
        await self.check(worker)
        await worker.close()

    async def is_unfinished(self, worker: RunWorker) -> bool:
        for question in self.questions:
            found = await worker.state.runs.async_read(TENANT, question.run_id)
            if found is not None and found[0].status in ("running", "waiting"):
                return True
        return False

    async def check(self, worker: RunWorker) -> None:
        done = Counter(zip(self.safe.keys, self.safe.done, strict=True))
        done.update(zip(self.unsafe.keys, self.unsafe.done, strict=True))
        allowed: set[tuple[str, int]] = set()
        for question in self.questions:
            found = await worker.state.runs.async_read(TENANT, question.run_id)
            over = found is not None and found[0].status == "done"
            for step in range(8):
                rounds = await self.rounds(worker, question, step)
                approved = self.approved(question, step, rounds)
                allowed |= approved
                certain = over and rounds and rounds[-1].status == "approved"
                assert not certain or approved & set(done), f"an effect is missing ({self.seed})"
        assert set(done.values()) <= {1}, f"an effect happened twice ({self.seed})"
        assert set(done) <= allowed, f"nobody approved this ({self.seed})"

    async def rounds(self, worker: RunWorker, question: Question, step: int) -> list[Approval]:
        """The approvals of one call: several if its outcome was unknown."""
        ids = [approval_id(question, f"{step}/{number}") for number in range(6)]
        found = [await worker.state.approvals.async_find(TENANT, known) for known in ids]
        return [approval for approval in found if approval is not None]

    def approved(
        self, question: Question, step: int, rounds: list[Approval]
    ) -> set[tuple[str, int]]:
        """The permitted effects, each with the card that it was approved for."""
        return {
            (effect_key(question, f"{step}/{number}"), json.loads(asked.ruling.arguments)["card"])
            for number, asked in enumerate(rounds)
            if asked.ruling is not None and asked.ruling.verdict == "approved"
        }


async def kill(worker: RunWorker) -> None:
    """Cancel all tasks; nothing that they do afterwards has an effect."""
    inject_crashes(worker.state.store, CrashCountdown(0))
    await worker.runner.async_close()
    await worker.state.store.close()


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_every_effect_happens_once_and_only_as_approved(
    batch: int, redis_socket: Path, redis_client: Redis, tmp_path: Path
) -> None:
    settings = run_settings(redis_socket, tmp_path, lease_s=60.0)
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, what: None
    )  # ignore errors of crashed processes
    effects, crashes = 0, 0
    for number in range(batch, SEQUENCES, BATCHES):
        await redis_client.flushall()
        sequence = Sequence(settings, redis_client, number)
        await sequence.play()
        effects += len(sequence.safe.done) + len(sequence.unsafe.done)
        crashes += sequence.crashes
    assert effects > 0
    assert crashes > 0
