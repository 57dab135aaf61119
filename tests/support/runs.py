"""All parts that work on runs, over a real Redis, with a scripted model."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from genai.access.fairness import FairQueue
from genai.access.principal import Principal
from genai.access.quotes import Quotes
from genai.agents.answerer import AgentAnswerer
from genai.agents.react import ReActAgent
from genai.approvals.approval import Approval
from genai.approvals.decisions import Approvals
from genai.assistant import Assistant
from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool, Observation
from genai.factory.run_factory import build_approvals, build_runner
from genai.factory.state_factory import State, build_state
from genai.messages import ChatRequest, Completion, Question, RequestContext, Usage
from genai.prompts.template import load_prompt
from genai.runs.reader import RunReader, RunView
from genai.runs.run import RunEvent
from genai.runs.runner import Runner
from genai.safety.base import Guard
from genai.settings.answering import RunSettings
from genai.settings.application import Settings
from genai.settings.models import ScriptedSettings
from genai.settings.state import DataKeySettings, RedisSettings
from tests.support.answering import WordGuard
from tests.support.running import async_idle, is_busy

TENANT = "bank"


def call(tool: str, **arguments: object) -> str:
    return json.dumps({"thought": "", "action": tool, "arguments": arguments})


def calls(*pairs: tuple[str, dict[str, object]]) -> str:
    actions = [{"action": tool, "arguments": arguments} for tool, arguments in pairs]
    return json.dumps({"thought": "", "actions": actions})


def answer(text: str) -> str:
    return json.dumps({"thought": "", "answer": text})


class ChangeArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    card: int


class ChangeTool(BaseTool):
    """A tool with side effects: ``done`` records them in order. With ``exactly_once`` it honours effect
    keys.
    """

    name = "block"
    description = "Block a card."
    input_schema: type[BaseModel] = ChangeArguments
    side_effects = True

    def __init__(self, *, exactly_once: bool = True, name: str = "block") -> None:
        self.name = name
        self.exactly_once = exactly_once
        self.done: list[int] = []
        self.keys: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.objection: Callable[[int], str] = lambda card: ""
        self.refusal: Callable[[int], str] = lambda card: ""

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        assert isinstance(arguments, ChangeArguments)
        return self.objection(arguments.card)

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, ChangeArguments)
        assert context.effect_key, "nobody approved this"
        if refused := self.refusal(arguments.card):
            return Observation(text="", error=refused)
        self.before()
        if not (self.exactly_once and context.effect_key in self.keys):
            self.keys.append(context.effect_key)
            self.done.append(arguments.card)
        self.after()
        return Observation(text=f"card {arguments.card} is blocked")


class PlannedLLM(BaseLLM):
    """Stateless: its reply depends on the question and on the number of its earlier replies."""

    name = "planned"

    def __init__(self, plans: dict[str, list[str]]) -> None:
        self.plans = plans

    async def async_chat(self, request: ChatRequest) -> Completion:
        spoken = sum(message.role == "assistant" for message in request.messages)
        asked = next(m.content for m in request.messages if m.content in self.plans)
        plan = self.plans[asked]
        await asyncio.sleep(0)
        return Completion(
            text=plan[min(spoken, len(plan) - 1)], model=self.name, usage=Usage(prompt_tokens=1)
        )


@dataclass
class RunWorker:
    """One serving process, and the users around it."""

    state: State
    runner: Runner
    reader: RunReader
    approvals: Approvals
    agent: ReActAgent
    assistant: Assistant
    users: dict[str, Principal] = field(default_factory=dict)

    async def person(self, name: str, *roles: str) -> Principal:
        if name not in self.users:
            _, record = await self.state.keys.async_create(TENANT, name, roles=roles or ("user",))  # type: ignore[arg-type]
            self.users[name] = record.principal
        return self.users[name]

    async def ask(self, run_id: str, text: str = "Block card 7", user: str = "ann") -> Principal:
        """Start a durable run."""
        who = await self.person(user)
        await self.runner.async_begin(a_run(who, run_id, text), {})
        return who

    async def settled(self, who: Principal, run_id: str, *, within_s: float = 10.0) -> RunView:
        """The run once it has ended or waits."""
        async with asyncio.timeout(within_s):
            while True:
                await async_idle(self.runner)
                await self.runner.async_sweep()
                view = await self.reader.async_view(who, run_id)
                if view.state.status != "running" and not is_busy(self.runner):
                    return view
                await asyncio.sleep(0.005)

    async def pending(self) -> list[Approval]:
        boss = await self.person("boss", "operator")
        found = await self.approvals.async_list(boss, limit=50)
        return [approval for approval in found if approval.ruling is None]

    async def decide(
        self, approval_id: str, choice: str = "approve", arguments: str = "", by: str = "boss"
    ) -> Approval:
        boss = await self.person(by, "operator")
        return await self.approvals.async_decide(
            boss,
            approval_id,
            choice,  # type: ignore[arg-type]
            arguments=arguments,
            comment="",
        )

    async def events(self, who: Principal, run_id: str, after: int = 0) -> list[RunEvent]:
        until = time.time() + 10
        follow = self.reader.async_follow(who, run_id, after=after, until=until)
        return [event async for _, event in follow]

    async def close(self) -> None:
        await self.runner.async_close()
        await self.state.async_close()


def a_run(who: Principal, run_id: str, text: str = "Block card 7") -> Question:
    context = RequestContext(
        request_id=f"req-{run_id}",
        tenant=who.tenant,
        user=who.user,
        deadline=time.time() + 30,
        key_id=who.key_id,
        roles=who.roles,
    )
    return Question(
        text=text, context=context, session_id=f"ses-{run_id}", route="agent", run_id=run_id
    )


def run_settings(socket: Path, folder: Path, **runs: object) -> Settings:
    models = dict.fromkeys(("bank", "extractive", "analyst"), ScriptedSettings(backend="scripted"))
    return Settings(
        llms=models,
        redis=RedisSettings(embedded_socket=str(socket), timeout_s=5.0),
        data_key=DataKeySettings(file=str(folder / "data-key")),
        runs=RunSettings.model_validate({"lease_s": 0.3, "look_every_s": 0.02} | runs),
    )


def open_worker(
    settings: Settings,
    llm: BaseLLM,
    tools: Sequence[BaseTool],
    guard: Guard | None = None,
    around: Callable[[BaseAnswerer, State], BaseAnswerer] = lambda agent, _: agent,
) -> RunWorker:
    """Simulates a process: only Redis and the tools are shared with others.

    ``around`` wraps the agent.
    """
    state = build_state(settings, environ={})
    prompt, native = load_prompt("react"), load_prompt("react_native")
    agent = ReActAgent(llm, tools, prompt, native_prompt=native, requester=state.requester)
    assistant = Assistant(
        guard or WordGuard(),
        around(AgentAnswerer(agent), state),
        state.memory,
        history_tokens=1000,
        vault=state.vault,
    )
    queue = FairQueue(settings.overload)
    runner, reader = build_runner(settings, state, assistant, Quotes(settings), queue)
    approvals = build_approvals(settings, state, runner)
    return RunWorker(state, runner, reader, approvals, agent, assistant)
