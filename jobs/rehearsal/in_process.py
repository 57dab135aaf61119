"""A service without Ray and HTTP, in a thread of the rehearsal."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from deployments.api.services import Feedback
from genai.assistant import Assistant
from genai.base.llm import BaseLLM
from genai.base.tracker import ModelVersion
from genai.chat import ChatAnswerer
from genai.embeddings.hashing import HashEmbedder
from genai.errors import GenAIError
from genai.factory.llm_factory import build_llms
from genai.factory.routing_factory import assigned_by
from genai.factory.safety_factory import build_guard
from genai.factory.state_factory import build_state
from genai.memory.embedded import start
from genai.memory.in_process import InProcessMemory
from genai.messages import Question, RequestContext, Sampling
from genai.observability.recorded import RecordedAssistant
from genai.observability.recorder import NoRecorder
from genai.orchestrator import Orchestrator
from genai.routing.base import Judgement
from genai.settings.application import Settings
from genai.settings.safety import SafetySettings
from genai.traffic.recorder import TrafficRecordedAssistant, TrafficRecorder
from jobs.rehearsal.clients import CLIENTS, PAUSE_S, Clients, in_thread, turns
from jobs.rehearsal.planted import Stage
from sample_bank import cards

CHECKED_EVERY_S = 0.3
TOKENS = 48

Rate = Callable[[str, str, Feedback], Awaitable[None]]


@contextmanager
def serving(stage: Stage, champion: ModelVersion) -> Iterator[tuple[Settings, Clients]]:
    settings = _settings(stage, champion)
    redis = start(stage.folder / "redis")
    try:
        with in_thread(
            lambda clients: asyncio.run(_serve(stage, settings, clients)), Clients()
        ) as clients:
            yield settings, clients
    finally:
        if redis is not None:
            redis.terminate()
            redis.wait()


def _settings(stage: Stage, champion: ModelVersion) -> Settings:
    slot = {
        "backend": "huggingface",
        "model": champion.folder,
        "slot_of": "cards",
        "max_model_len": 256,
        "placement": "inline",
        "batch_wait_ms": 0,
    }
    return Settings.model_validate(
        {
            "llms": {
                "cards": {"backend": "canary", "slots": ["blue", "green"], "patience_s": 20},
                "blue": slot,
                "green": slot,
            },
            "chat": {"llm": "cards", "system_prompt": cards.SYSTEM},
            "rag": {"llm": "cards"},
            "agent": {"llm": "cards"},
            "redis": {
                "embedded_socket": str(stage.folder / "redis" / "redis.sock"),
                "timeout_s": 10,
            },
            "data_key": {"file": str(stage.folder / "data-key")},
            "safety": SafetySettings(injection={"classifier": "off"}),
        }
    )


async def _serve(stage: Stage, settings: Settings, clients: Clients) -> None:
    llms = build_llms(settings, None)
    state = build_state(settings)
    recorder = TrafficRecorder(state.traffic, HashEmbedder(), settings.traffic)
    chat = ChatAnswerer(llms["cards"], settings.chat.system_prompt)
    assistant = TrafficRecordedAssistant(
        RecordedAssistant(
            Assistant(
                build_guard(settings.safety),
                Orchestrator(_Chat(), {"chat": chat}),
                InProcessMemory(),
                history_tokens=0,
            ),
            NoRecorder(),
        ),
        recorder,
        assigned_by(settings),
    )
    await llms["cards"].async_start()
    clients.ready.set()
    slots = asyncio.create_task(_checked([llms["blue"], llms["green"]], clients))
    rate = state.feedback.async_add
    try:
        await asyncio.gather(
            *(_client(n, stage.tenant, assistant, rate, clients) for n in range(CLIENTS))
        )
    finally:
        slots.cancel()
        await recorder.async_close()
        await state.async_close()
        await llms["cards"].async_close()


class _Chat:
    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        return [Judgement("chat", 1.0) for _ in texts]


async def _checked(slots: list[BaseLLM], clients: Clients) -> None:
    """Health checks, as by Ray Serve."""
    while not clients.stop.is_set():
        for slot in slots:
            await slot.async_check_health()
        await asyncio.sleep(CHECKED_EVERY_S)


async def _client(
    number: int, tenant: str, assistant: TrafficRecordedAssistant, rate: Rate, clients: Clients
) -> None:
    """A client that asks, rates the answer, and asks again in a new session."""
    for turn, question, right in turns(number, clients):
        context = RequestContext(
            request_id=f"r{turn}",
            tenant=tenant,
            user=f"client{number}",
            deadline=time.time() + 60,
            affinity=f"s{turn}",
        )
        clients.asked += 1
        try:
            answer = await assistant.async_answer(
                Question(text=question, context=context, sampling=Sampling(max_tokens=TOKENS))
            )
        except GenAIError as error:
            clients.failed.append(error.code)
            continue
        judged = Feedback(
            id=f"fb{turn}",
            answer_id=f"{answer.id}.rehearsal",
            rating="up" if right in answer.text else "down",
            at=time.time(),
        )
        await rate(tenant, context.user, judged)
        await asyncio.sleep(PAUSE_S)
