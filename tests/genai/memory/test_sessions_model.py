"""Whatever two tenants do to their sessions, Redis and a plain model agree."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from genai.memory.connection import connect
from genai.memory.in_process import InProcessMemory
from genai.memory.redis import RedisMemory
from genai.memory.session_names import SessionNames
from genai.memory.store import Command, Store
from genai.messages import Turn
from genai.settings.state import MemorySettings, RedisSettings
from tests.support.vault import CIPHER

SETTINGS = MemorySettings(max_turns=4)

names = st.tuples(
    st.sampled_from(["acme", "other"]), st.sampled_from(["ann", "bob"]), st.sampled_from("ab")
)
turns = st.lists(
    st.builds(
        Turn,
        role=st.sampled_from(["user", "assistant"]),
        content=st.text(max_size=20),
        tokens=st.integers(1, 9),
        at=st.just(1.0),
    ),
    max_size=3,
)


class Sessions(RuleBasedStateMachine):
    socket: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        redis = RedisSettings(embedded_socket=str(self.socket))
        self.store = Store(connect(redis, environ={}), timeout_s=5.0)
        self.runner.run(self.store.run(Command(("FLUSHALL",), bool)))
        self.memories = (RedisMemory(self.store, SETTINGS, CIPHER), InProcessMemory(SETTINGS))

    def agree(self, method: str, *args: object, **options: object) -> None:
        ours, model = (
            self.runner.run(getattr(memory, method)(*args, **options)) for memory in self.memories
        )
        assert ours == model

    @rule(who=names, said=turns)
    def store_turns(self, who: tuple[str, str, str], said: list[Turn]) -> None:
        self.agree("async_store", *who, said)

    @rule(who=names, budget=st.integers(0, 40))
    def retrieve(self, who: tuple[str, str, str], budget: int) -> None:
        self.agree("async_retrieve", *who, max_tokens=budget)

    @rule(who=names)
    def list_sessions(self, who: tuple[str, str, str]) -> None:
        listed = (self.runner.run(memory.async_sessions(*who[:2])) for memory in self.memories)
        ours, model = listed
        assert set(ours) == {SessionNames(CIPHER).stored_id(name) for name in model}

    @rule(who=names)
    def delete(self, who: tuple[str, str, str]) -> None:
        self.agree("async_delete", *who)

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()


@pytest.mark.timeout(60)
def test_redis_behaves_like_the_model(redis_socket: Path) -> None:
    Sessions.socket = redis_socket
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
