"""The ingress deployment: the HTTP API, and `answer` for callers inside the cluster."""

import asyncio
from collections import ChainMap

from fastapi import FastAPI
from ray import serve

from deployments.api.app import build_http_app
from deployments.api.services import Services
from deployments.models import connect_embedder, connect_llms, running_models
from deployments.placement import Peers
from deployments.readiness import Ready
from deployments.remote import RemoteAnswerer, RemoteGuard
from deployments.serving import begin_serving
from deployments.siblings import Siblings
from genai.access.fairness import FairQueue
from genai.access.quotes import Quotes
from genai.assistant import Assistant
from genai.completions import GuardedCompletions
from genai.drift.snapshot import LatestDrift
from genai.errors import GenAIError
from genai.factory.llm_factory import as_callers_ask
from genai.factory.observability_factory import (
    build_observability,
    build_tracer,
    traced_answerer,
    traced_guard,
)
from genai.factory.prompt_factory import system_prompts
from genai.factory.rag_factory import build_store
from genai.factory.routing_factory import assigned_by
from genai.factory.run_factory import build_approvals, build_runner
from genai.factory.safety_factory import build_guard
from genai.factory.state_factory import build_state
from genai.factory.tool_factory import build_toolbox
from genai.messages import Answer, Question
from genai.observability.drift_metrics import drift_metrics
from genai.observability.logs import configure
from genai.observability.metrics import Counted, rendered
from genai.observability.recorded import RecordedAssistant, RecordedCompletions, RecordedGuard
from genai.rag.ingestion.conversion import Converter
from genai.rag.labels import LabelGuard
from genai.rag.storage.sweeper import Sweeper
from genai.safety.base import Guard
from genai.safety.by_length import ByLength
from genai.safety.by_stage import ByStage
from genai.safety.fallback_guard import FallbackGuard
from genai.settings.application import Settings
from genai.traffic.recorder import TrafficRecordedAssistant, TrafficRecorder

SAFETY_PATIENCE_S = 1.0
"""Longest wait for the Safety deployment; after that the ingress runs the checks itself."""


@serve.ingress()
class Ingress(Ready):
    """Builds everything that requests need (assistant, models, keys, limits, memory) and serves HTTP."""

    def __init__(self, settings: Settings, peers: Peers) -> None:
        configure(name="genai")
        configure(name="deployments")
        self.peers = peers
        self._siblings = Siblings()
        embedder = connect_embedder(settings, peers)
        self._state = state = build_state(settings)
        self._watched = watched = build_observability(settings.alerts, state.store)
        guard = traced_guard(RecordedGuard(connect_guard(settings, peers), watched.recorder))
        assistant = Assistant(
            guard,
            traced_answerer(peers.connect("orchestrator", RemoteAnswerer), "orchestrator"),
            state.memory,
            history_tokens=settings.memory.max_tokens,
            vault=state.vault,
            exchanges=state.exchanges,
        )
        self._traffic = TrafficRecorder(state.traffic, embedder, settings.traffic)
        self._assistant = TrafficRecordedAssistant(
            RecordedAssistant(assistant, watched.recorder), self._traffic, assigned_by(settings)
        )
        llms = as_callers_ask(settings, connect_llms(settings, peers, embedder))
        completions = GuardedCompletions(guard, llms)
        documents = build_store(settings, embedder)
        self._sweeper = Sweeper(documents)
        quotes, queue = Quotes(settings), FairQueue(settings.overload)
        self._runner, reader = build_runner(settings, state, self._assistant, quotes, queue)
        self._services = Services(
            settings=settings,
            assistant=self._assistant,
            completions=RecordedCompletions(completions, watched.recorder),
            embedder=embedder,
            documents=documents,
            labels=LabelGuard(guard),
            converter=Converter(settings.rag.reading),
            memory=state.memory,
            vault=state.vault,
            feedback=state.feedback,
            answer_ids=state.answer_ids,
            keys=state.keys,
            quotes=quotes,
            queue=queue,
            admission=state.admission,
            idempotency=state.idempotency,
            usage=state.usage,
            administration=state.administration(documents),
            runner=self._runner,
            runs=reader,
            approvals=build_approvals(settings, state, self._runner),
            toolbox=build_toolbox(settings, guard, lambda: documents),
            audit=state.trail,
            owners=state.owners,
            recorder=watched.recorder,
            tracer=build_tracer(),
            readiness=self.failing,
            metrics=self.metrics,
        )
        begin_serving()

    async def answer(self, question: Question) -> Answer:
        """For jobs, such as the evaluation of the live application."""
        return await self._assistant.async_answer(question)

    async def close(self, within_s: float) -> None:
        """Refuse new requests, and return once the running ones have ended or were cut off."""
        await self._services.shutdown.async_close(within_s)

    async def failing(self) -> dict[str, str]:
        try:
            await self._state.async_check()
        except GenAIError as error:
            return {"redis": error.code, **await super().failing()}
        return await super().failing()

    async def metrics(self) -> bytes:
        """Prometheus text: counters of all replicas, running calls of the models, the last drift report."""
        others, running = await asyncio.gather(
            self._siblings.async_ask("counted", returns=dict), running_models(self.peers)
        )
        drift = drift_metrics(await LatestDrift(self._state.store).async_known())
        return rendered(ChainMap(await self.counted(), *others), running, drift)

    async def counted(self) -> dict[str, Counted]:
        """The counters of this replica, under its name."""
        return {self._siblings.own_name: self._watched.metrics.counted()}

    async def __del__(self) -> None:
        """Called by Serve once no client is connected any more. Lets requests end that go on without one, and
        writes out what is still buffered.
        """
        await self._services.shutdown.async_close(self._services.settings.http.max_timeout_s)
        await self._runner.async_close()
        await self._sweeper.async_close()
        await self._traffic.async_close()
        await self._watched.async_close()
        await self._state.async_close()

    async def __serve_build_asgi_app__(self) -> FastAPI:
        """Called by Serve once per replica, after the constructor."""
        self._runner.start()
        self._sweeper.start()
        return build_http_app(self._services)


def connect_guard(settings: Settings, peers: Peers) -> Guard:
    """Checks long inputs in the Safety deployment, while that answers, and everything else here."""
    here = build_guard(settings.safety, system_prompts(settings))
    within_s = min(settings.safety.timeout_s, SAFETY_PATIENCE_S)
    deployed = peers.connect("safety", lambda handle: RemoteGuard(handle, within_s=within_s))
    elsewhere = FallbackGuard(deployed, here)
    return ByStage({"input": ByLength(here, elsewhere, settings.safety.chars_here), "output": here})
