"""Two tenants with people of every role, over a real Redis and a real document store."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from deployments.api.app import build_http_app
from genai.access.principal import Budget, Principal, Role
from genai.approvals.approval import Approval
from genai.approvals.decisions import Approvals
from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.hashing import HashEmbedder
from genai.events import DoneEvent
from genai.factory.state_factory import State, build_state
from genai.messages import Answer, ApprovalRequest, Question, RequestContext, Turn
from genai.rag.base import Document
from genai.rag.storage.lancedb_store import LanceDBStore
from genai.runs.notifier import RunNotifier
from genai.runs.reader import RunReader
from genai.runs.run import Run
from genai.settings.application import Settings
from genai.settings.models import ScriptedSettings
from genai.settings.state import DataKeySettings, RedisSettings
from tests.support.services import Fakes

ROLES: tuple[Role, ...] = ("user", "operator", "admin", "auditor", "contributor")
CANARY = "canary-of-ann"
SESSION, DOCUMENT, OWNER, TENANT, RIVAL = "ses-ann", "doc-ann", "ann", "acme", "rival"
RUN, APPROVAL = "run-ann", "apr-ann"


@dataclass(frozen=True, slots=True)
class Actor:
    """A user with a key. ``ann``, a user of ``acme``, owns all objects."""

    tenant: str
    user: str
    role: Role
    key: str
    key_id: str


@dataclass
class World:
    app: FastAPI
    state: State
    documents: LanceDBStore
    fakes: Fakes
    actors: list[Actor] = field(default_factory=list)

    @property
    def owner(self) -> Actor:
        return self.actors[0]

    async def call(
        self, method: str, path: str, key: str | None, body: object = None, **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, json=body, headers=headers)

    async def furnish(self) -> None:
        """Restore the owner's key, session and document, and remove budgets."""
        if not await self.key_works(self.owner.key):
            self.actors[0] = await self.hire(TENANT, OWNER, "user")
        tenant = self.owner.tenant
        await self.state.budgets.async_set(tenant, "user", OWNER, Budget())
        if not await self.owns_session():
            turns = [Turn(role="user", content=CANARY)]
            await self.state.memory.async_store(tenant, OWNER, SESSION, turns)
        if not await self.owns_document():
            await self.state.owners.async_note(tenant, OWNER, DOCUMENT)
            document = Document(id=DOCUMENT, title=CANARY, text=CANARY)
            await self.documents.async_add(tenant, [document])
        await self.furnish_run()

    async def furnish_run(self) -> None:
        """Create the owner's run that waits for an approval."""
        context = RequestContext(request_id="r", tenant=TENANT, user=OWNER, deadline=0.0)
        run = Run(id=RUN, question=Question(text="?", context=context, run_id=RUN), created_at=0.0)
        request = ApprovalRequest(
            id=APPROVAL,
            run_id=RUN,
            tool="block",
            arguments=f'{{"card": "{CANARY}"}}',
            expires_at=time.time() + 1000,
        )
        approval = Approval(
            request=request, user=OWNER, parameters="{}", request_id="r", asked_at=0.0
        )
        if not await self.state.runs.async_create(run):
            return
        await self.state.approvals.async_ask(TENANT, approval)
        attempt = await self.state.runs.async_claim(TENANT, RUN)
        if attempt is not None:
            told = Answer(id="ans_1", text=CANARY, route="agent", model="m", approval=request)
            done = DoneEvent(answer=told)
            await self.state.runs.async_append(
                attempt, [done], after=0, status="waiting", approval_id=APPROVAL
            )

    @property
    def answer_id(self) -> str:
        """The id of an answer to the owner."""
        owner = Principal(key_id="any", tenant=TENANT, user=OWNER)
        return self.state.answer_ids.sign("ans_1", owner)

    async def owns_session(self) -> bool:
        memory = self.state.memory
        return bool(await memory.async_retrieve(TENANT, OWNER, SESSION, max_tokens=1_000_000))

    async def owns_document(self) -> bool:
        found = await self.documents.async_list(TENANT)
        return [(d.id, d.title) for d in found if d.id == DOCUMENT] == [(DOCUMENT, CANARY)]

    async def key_works(self, key: str) -> bool:
        return (await self.call("GET", "/v1/models", key)).status_code == 200

    async def budget_of_owner(self) -> int | None:
        status = await self.state.budgets.async_status(TENANT, "user", OWNER)
        return status.limit_day

    async def hire(self, tenant: str, user: str, role: Role) -> Actor:
        key, record = await self.state.keys.async_create(tenant, user, roles=(role,), name=CANARY)
        return Actor(tenant, user, role, key, record.principal.key_id)


async def _nobody_waits(tenant: str, approval: Approval) -> None:
    """Runs are not continued here."""


async def build_world(socket: Path, folder: Path) -> World:
    models = dict.fromkeys(("bank", "extractive", "analyst"), ScriptedSettings(backend="scripted"))
    redis = RedisSettings(embedded_socket=str(socket), timeout_s=5.0)
    data_key = DataKeySettings(file=str(folder / "data-key"))
    settings = Settings(llms=models, redis=redis, data_key=data_key)
    state = build_state(settings, environ={})
    documents = LanceDBStore(folder / "documents", CachedEmbedder(HashEmbedder()), chunk_tokens=200)
    fakes = Fakes(settings=settings)
    fakes.keys, fakes.admission, fakes.idempotency = state.keys, state.admission, state.idempotency  # type: ignore[assignment]
    fakes.memory, fakes.documents, fakes.feedback = state.memory, documents, state.feedback  # type: ignore[assignment]
    fakes.usage, fakes.audit, fakes.owners = state.usage, state.trail, state.owners  # type: ignore[assignment]
    fakes.answer_ids = state.answer_ids
    fakes.runs = RunReader(state.runs, RunNotifier())  # type: ignore[assignment]
    fakes.approvals = Approvals(state.approvals, state.trail.log, _nobody_waits)  # type: ignore[assignment]
    fakes.administration = state.administration(documents)  # type: ignore[assignment]
    world = World(build_http_app(fakes.services()), state, documents, fakes)
    world.actors.append(await world.hire(TENANT, OWNER, "user"))
    for tenant in (TENANT, RIVAL):
        world.actors += [await world.hire(tenant, f"{role}-of-{tenant}", role) for role in ROLES]
    await world.furnish()
    return world
