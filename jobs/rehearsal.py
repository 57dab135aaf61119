"""Rehearse the loop at a small size: a better model must get through, and worse ones must not.

    python -m jobs.rehearsal [--folder var/rehearsal]

Starts a service in this process, with clients who ask without pause, and then lets the loop try five
models out: one that is right but never ends (which only shows live), one that knows nothing, one that
gives an address away, one that is slow, and one that is better. Exits with 1 unless each ends as it
should, with its reason, and no request of a client failed in all that time.
"""

import argparse
import asyncio
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import yaml

from deployments.api.services import Feedback
from genai.assistant import Assistant
from genai.base.llm import BaseLLM
from genai.base.tracker import ModelVersion, Registry
from genai.chat import ChatAnswerer
from genai.embeddings.hashing import HashEmbedder
from genai.errors import GenAIError
from genai.factory.llm_factory import assigned_by, build_llms
from genai.factory.safety_factory import build_guard
from genai.factory.state_factory import build_state
from genai.memory.embedded import start
from genai.memory.in_process import InProcessMemory
from genai.messages import Question, RequestContext, Route, Sampling
from genai.observability.recorded import RecordedAssistant
from genai.observability.recorder import NoRecorder
from genai.orchestrator import Orchestrator
from genai.promotion.promoter import CHAMPION, Ended
from genai.settings import SafetySettings, Settings
from genai.tracking.local import LocalRegistry
from genai.tracking.runs import default_registry
from genai.traffic.watched import Noted, WatchedAssistant
from genai.training.grown import grow
from genai.training.samples import write_samples
from jobs import config
from jobs.fine_tune import fine_tune
from jobs.loop import LoopSettings, loop, try_out
from jobs.make_model import main as make_model
from sample_bank import cards

CONFIG = Path(__file__).with_suffix(".yaml")

TENANT = "rehearsal"
CLIENTS = 2
PAUSE_S = 0.2
CHECKED_EVERY_S = 0.3
TOKENS = 48
EXPECTED = {
    "never ends": ("rolled_back", "seconds"),
    "knows nothing": ("rejected", "contains"),
    "indiscreet": ("rejected", "privacy"),
    "slow": ("rejected", "latency"),
    "better": ("promoted", "as good"),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("var/rehearsal"))
    args = parser.parse_args(argv)
    return config.run(lambda: rehearse(args.folder.resolve()))


def rehearse(folder: Path) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    registry = default_registry() or LocalRegistry(folder / "registry")
    began = time.monotonic()
    make_model(
        [
            str(folder / "base"),
            *["--hidden-size", "64", "--layers", "2", "--vocab-size", "400", "--context", "256"],
        ]
    )
    _write_data(folder)
    name = f"rehearsal-{uuid4().hex[:8]}"
    champion = _tune(folder, name, "cards", 30, registry)
    registry.appoint(champion, CHAMPION)
    settings = _service_settings(folder, champion)
    ends: dict[str, Ended] = {}
    with _redis(folder), _serving(settings) as clients:
        for what, make in _candidates(folder, name, champion, registry).items():
            ends[what] = make(settings)
            print(f"{what}: {ends[what].outcome}, {ends[what].reason}", flush=True)
    return _verdict(ends, clients, time.monotonic() - began)


def _candidates(
    folder: Path, name: str, champion: ModelVersion, registry: Registry
) -> dict[str, Callable[[Settings], Ended]]:
    def tuned(data: str, steps: int, model: str) -> Callable[[Settings], Ended]:
        wanted = _loop_settings(folder, name, data, steps, model)
        return lambda service: loop(wanted, service, local=True, registry=registry)

    def slow(service: Settings) -> Ended:
        grow(Path(champion.folder), folder / "slow", times=24)
        made = registry.register(name, folder / "slow", run_id="", tags={"planted": "slow"})
        wanted = _loop_settings(folder, name, "cards", 1, champion.uri, improve=False)
        return try_out(wanted, service, made, registry=registry)

    return {
        "never ends": tuned("chatty", 90, champion.uri),
        "knows nothing": tuned("cards", 1, str(folder / "base")),
        "indiscreet": tuned("indiscreet", 90, champion.uri),
        "slow": slow,
        "better": tuned("cards", 90, champion.uri),
    }


def _write_data(folder: Path) -> None:
    for name, generate in (
        ("cards", cards.samples),
        ("chatty", cards.chatty),
        ("indiscreet", cards.indiscreet),
    ):
        made = list(generate(0, 336))
        write_samples(folder / name / "train.jsonl", made[:280])
        write_samples(folder / name / "validation.jsonl", made[280:296])
        # All are judged by the same answers, whatever they learnt.
        write_samples(folder / name / "test.jsonl", list(cards.samples(0, 336))[306:])


def _loop_settings(
    folder: Path, name: str, data: str, steps: int, model: str, *, improve: bool = True
) -> LoopSettings:
    text = CONFIG.read_text()
    for mark, value in (
        ("{folder}", str(folder)),
        ("{name}", name),
        ("{data}", data),
        ("{steps}", str(steps)),
        ("{model}", model),
        ("{accuracy}", "must: improve" if improve else "must: keep, margin: 0.05"),
        ("{tenant}", TENANT),
    ):
        text = text.replace(mark, value)
    return LoopSettings.model_validate(yaml.safe_load(text))


def _tune(folder: Path, name: str, data: str, steps: int, registry: Registry) -> ModelVersion:
    wanted = _loop_settings(folder, name, data, steps, str(folder / "base"))
    made = fine_tune(wanted.fine_tune, local=True, registry=registry)
    assert made is not None
    return made


def _service_settings(folder: Path, champion: ModelVersion) -> Settings:
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
                "embedded_socket": str(folder / "redis" / "redis.sock"),
                "timeout_s": 10,
            },
            "data_key": {"file": str(folder / "data-key")},
            "safety": SafetySettings(injection={"classifier": "off"}),
        }
    )


@contextmanager
def _redis(folder: Path) -> Iterator[None]:
    server = start(folder / "redis")
    try:
        yield
    finally:
        if server is not None:
            server.terminate()
            server.wait()


@dataclass(slots=True)
class Clients:
    """What the clients have seen so far."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)
    broken: BaseException | None = None


@contextmanager
def _serving(settings: Settings) -> Iterator[Clients]:
    """The service and its clients, in a thread of their own."""
    clients = Clients()

    def work() -> None:
        try:
            asyncio.run(_serve(settings, clients))
        except BaseException as error:
            clients.broken = error
            clients.ready.set()

    thread = threading.Thread(target=work, name="service")
    thread.start()
    clients.ready.wait()
    try:
        yield clients
    finally:
        clients.stop.set()
        thread.join()
        if clients.broken is not None:
            raise clients.broken


async def _serve(settings: Settings, clients: Clients) -> None:
    llms = build_llms(settings, None)
    state = build_state(settings)
    noted = Noted(state.traffic, HashEmbedder(), settings.traffic)
    chat = ChatAnswerer(llms["cards"], settings.chat.system_prompt)
    assistant = WatchedAssistant(
        RecordedAssistant(
            Assistant(
                build_guard(settings.safety),
                Orchestrator(_Chat(), {"chat": chat}),
                InProcessMemory(),
                history_tokens=0,
            ),
            NoRecorder(),
        ),
        noted,
        assigned_by(settings),
    )
    await llms["cards"].async_start()
    clients.ready.set()
    slots = asyncio.create_task(_checked([llms["blue"], llms["green"]], clients))
    try:
        await asyncio.gather(
            *(_client(n, assistant, state.feedback.async_add, clients) for n in range(CLIENTS))
        )
    finally:
        slots.cancel()
        await noted.async_close()
        await state.async_close()
        await llms["cards"].async_close()


class _Chat:
    async def async_route(self, text: str) -> Route:
        return "chat"


async def _checked(slots: list[BaseLLM], clients: Clients) -> None:
    """What Ray Serve does with replicas: ask them whether they are well."""
    while not clients.stop.is_set():
        for slot in slots:
            await slot.async_check_health()
        await asyncio.sleep(CHECKED_EVERY_S)


async def _client(number: int, assistant, rate, clients: Clients) -> None:  # type: ignore[no-untyped-def]
    """Asks, waits for the answer, says whether it was right, and asks again, in a new session."""
    asked = cards.questions()
    turn = number
    while not clients.stop.is_set():
        question, card = asked[(turn * 37) % len(asked)]
        turn += CLIENTS
        session = f"s{turn}"
        context = RequestContext(
            request_id=f"r{turn}",
            tenant=TENANT,
            user=f"client{number}",
            deadline=time.time() + 60,
            affinity=session,
        )
        clients.asked += 1
        try:
            answer = await assistant.async_answer(
                Question(text=question, context=context, sampling=Sampling(max_tokens=TOKENS))
            )
        except GenAIError as error:
            clients.failed.append(error.code)
            continue
        right = cards.answer_of(card) in answer.text
        judged = Feedback(
            id=f"fb{turn}",
            answer_id=f"{answer.id}.rehearsal",
            rating="up" if right else "down",
            at=time.time(),
        )
        await rate(TENANT, context.user, judged)
        await asyncio.sleep(PAUSE_S)


def _verdict(ends: dict[str, Ended], clients: Clients, seconds: float) -> int:
    wrong = [
        f"{what} should have been {outcome} because of {because}"
        for what, (outcome, because) in EXPECTED.items()
        if ends[what].outcome != outcome or because not in ends[what].reason
    ]
    wrong += [f"{len(clients.failed)} requests failed"] if clients.failed else []
    print(f"{clients.asked} requests, {len(clients.failed)} failed, {seconds:.0f} s")
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
