"""The whole application in one process: every component inline, over a real Redis, without Ray.

Only what is slow has a stand-in: the embedder counts words, and the models of one's own are scripted.
"""

import asyncio
import gc
import shutil
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from fastapi import FastAPI

from deployments.agent import AgentServer
from deployments.api.app import build_http_app
from deployments.api.services import Services
from deployments.ingress import Ingress
from deployments.orchestrator import OrchestratorServer
from deployments.placement import Inline, Peers
from deployments.rag import RAGServer
from deployments.safety import SafetyServer
from genai.access.principal import Role
from genai.embeddings.hashing import HashEmbedder
from genai.factory.state_factory import State
from genai.llms.openai import OpenAILLM
from genai.memory.store import Store
from genai.observability.metrics import rendered
from genai.settings.application import Settings
from tests.support.bank import bank_path
from tests.support.logs import loggers_left_alone

ROOT = Path(__file__).resolve().parents[2]
ROLES: tuple[Role, ...] = ("user", "operator", "admin", "auditor")
MANY = 10**9

T = TypeVar("T")


class EmbedderServer:
    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.component = HashEmbedder()


# Serve's wrapper around the class makes its constructor a coroutine.
class InProcessIngress(Ingress.__mro__[1]):  # type: ignore[misc, name-defined]
    """An ingress that is closed at the end of the test."""

    def __del__(self) -> None: ...


class WholeApp:
    """The HTTP application and its components."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._before = {one for one in gc.get_objects() if type(one) is Store}
        with loggers_left_alone():
            self._ingress = ingress = InProcessIngress(settings, _peers(settings))
        self.state: State = ingress._state
        self.services: Services = replace(ingress._services, metrics=self.metrics)
        self.http: FastAPI = build_http_app(self.services)

    async def metrics(self) -> bytes:
        return rendered({"here": self._ingress._watched.metrics.counted()}, {})

    async def new_key(self, tenant: str, user: str, *roles: Role, **more: Any) -> str:
        key, _ = await self.state.keys.async_create(tenant, user, roles=roles or ROLES, **more)
        return key

    async def async_close(self) -> None:
        for llm in [one for one in gc.get_objects() if type(one) is OpenAILLM]:
            await llm.async_close()  # every component has its own
        ingress = self._ingress
        for part in (ingress._runner, ingress._traffic, ingress._watched, ingress._state):
            await part.async_close()
        for store in {one for one in gc.get_objects() if type(one) is Store} - self._before:
            await store.close()  # of the components that write journals


def whole_settings(folder: Path, socket: Path, **changes: Any) -> Settings:
    """The shipped settings, without slow components and with limits that are never reached."""
    args = yaml.safe_load((ROOT / "serve_config.yaml").read_text())["applications"][0]["args"]
    args["llms"] = {
        "bank": {"backend": "scripted", "tokens": 8},
        "openai": {**args["llms"]["openai"], "api_key_env": "NO_SUCH_KEY"},
        "extractive": {"backend": "extractive"},
        "analyst": args["llms"]["analyst"],
    }
    args["rag"] |= {"store": str(folder / "documents"), "vectors": str(folder / "none.npz")}
    args["routing"]["weights"] = ""  # they belong to the embedder that has a stand-in here
    bank = shutil.copy(bank_path(), folder / "bank.sqlite")
    for tool in args["agent"]["tools"]:
        if "url" in tool:
            tool["url"] = f"sqlite:///{bank}"
    args["redis"] = {"embedded_socket": str(socket), "timeout_s": 5.0}
    args["data_key"] = {"file": str(folder / "data-key")}
    args["limits"] = {
        "requests_per_minute": MANY,
        "tokens_per_minute": MANY,
        "concurrent_requests": MANY,
    }
    args["placement"] = dict.fromkeys(args["placement"], "inline")
    return Settings.model_validate(args | changes)


@asynccontextmanager
async def whole_app(settings: Settings) -> AsyncIterator[WholeApp]:
    app = WholeApp(settings)
    try:
        yield app
    finally:
        await app.async_close()


class Loop:
    """An event loop in a thread, for tests whose examples are plain functions."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T], within_s: float = 60.0) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(within_s)


@contextmanager
def running_loop() -> Iterator[Loop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Loop(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _peers(settings: Settings) -> Peers:
    """The components, connected as by `build_app`."""
    embedder = Inline(EmbedderServer, settings, Peers())
    shared = Peers(refs={"embedder": embedder})
    rag, agent = Inline(RAGServer, settings, shared), Inline(AgentServer, settings, shared)
    answerers = Peers(refs={"embedder": embedder, "rag": rag, "agent": agent})
    orchestrator = Inline(OrchestratorServer, settings, answerers)
    safety = Inline(SafetyServer, settings, Peers())
    return Peers(refs={"embedder": embedder, "safety": safety, "orchestrator": orchestrator})
