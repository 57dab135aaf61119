"""The HTTP API: all routes in one list. Plain ASGI, without Ray."""

import logging

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

from deployments.api import (
    approvals,
    audit,
    budgets,
    chat_completions,
    documents,
    embeddings,
    feedback,
    generate,
    health,
    keys,
    mcp,
    models,
    runs,
    sessions,
    subjects,
    usage,
)
from deployments.api.answers import GeneratedAnswer
from deployments.api.chat_schema import ChatCompletionBody
from deployments.api.connection import RequestIds, request_id_of
from deployments.api.console import console_routes
from deployments.api.errors import INTERNAL, MethodNotAllowed, NoSuchPath, error_body
from deployments.api.routes import Route, probe, secured
from deployments.api.schemas import Deleted
from deployments.api.services import Services
from genai.errors import CallerError
from genai.rag.base import DocumentSummary

logger = logging.getLogger(__name__)

ROUTES = (
    Route(
        method="POST",
        path="/v1/assistant/generate",
        handler=generate.generate,
        body=generate.GenerateBody,
        answer=GeneratedAnswer,
        others=((202, runs.RunStatus),),
        estimate=generate.estimate,
        streams=True,
        tag="assistant",
    ),
    Route(
        method="POST",
        path="/v1/chat/completions",
        handler=chat_completions.chat_completions,
        body=ChatCompletionBody,
        answer=chat_completions.ChatCompletion,
        estimate=chat_completions.estimate,
        streams=True,
        encode_error=chat_completions.encode_last_error,
        tag="openai",
    ),
    Route(
        method="POST",
        path="/v1/embeddings",
        handler=embeddings.embeddings,
        body=embeddings.EmbeddingsBody,
        answer=embeddings.Embeddings,
        estimate=embeddings.estimate,
        tag="openai",
    ),
    Route(
        method="GET",
        path="/v1/models",
        handler=models.list_models,
        answer=models.ModelList,
        tag="openai",
    ),
    Route(
        method="GET",
        path="/v1/models/{model_id}",
        handler=models.get_model,
        answer=models.Model,
        tag="openai",
    ),
    Route(
        method="POST",
        path="/v1/documents",
        handler=documents.add_document,
        body=documents.DocumentBody,
        form=documents.from_form,
        answer=documents.StoredDocument,
        roles=documents.WRITERS,
        status=201,
        tag="documents",
    ),
    Route(
        method="GET",
        path="/v1/documents",
        handler=documents.list_documents,
        answer=documents.DocumentList,
        tag="documents",
    ),
    Route(
        method="GET",
        path="/v1/documents/{document_id}",
        handler=documents.get_document,
        answer=DocumentSummary,
        tag="documents",
    ),
    Route(
        method="DELETE",
        path="/v1/documents/{document_id}",
        handler=documents.delete_document,
        answer=Deleted,
        roles=documents.WRITERS,
        tag="documents",
    ),
    Route(
        method="GET",
        path="/v1/sessions/{session_id}",
        handler=sessions.get_session,
        answer=sessions.Session,
        tag="sessions",
    ),
    Route(
        method="DELETE",
        path="/v1/sessions/{session_id}",
        handler=sessions.delete_session,
        answer=Deleted,
        tag="sessions",
    ),
    Route(
        method="POST",
        path="/v1/feedback",
        handler=feedback.give_feedback,
        body=feedback.FeedbackBody,
        answer=feedback.FeedbackReceipt,
        status=201,
        tag="assistant",
    ),
    Route(
        method="GET",
        path="/v1/usage",
        handler=usage.report_usage,
        answer=usage.UsageReport,
        roles=usage.READERS,
        query=(("days", usage.DEFAULT_DAYS),),
        tag="usage",
    ),
    Route(
        method="POST",
        path="/v1/keys",
        handler=keys.create_key,
        body=keys.KeyBody,
        answer=keys.CreatedKey,
        roles=keys.ADMINS,
        status=201,
        tag="administration",
    ),
    Route(
        method="GET",
        path="/v1/keys",
        handler=keys.list_keys,
        answer=keys.KeyList,
        roles=keys.READERS,
        tag="administration",
    ),
    Route(
        method="DELETE",
        path="/v1/keys/{key_id}",
        handler=keys.revoke_key,
        answer=keys.RevokedKey,
        roles=keys.ADMINS,
        tag="administration",
    ),
    Route(
        method="POST",
        path="/v1/budgets",
        handler=budgets.set_budget,
        body=budgets.BudgetBody,
        answer=budgets.BudgetState,
        roles=keys.ADMINS,
        tag="administration",
    ),
    Route(
        method="GET",
        path="/v1/budgets/{scope}/{name}",
        handler=budgets.get_budget,
        answer=budgets.BudgetState,
        roles=usage.READERS,
        tag="usage",
    ),
    Route(
        method="DELETE",
        path="/v1/subjects/{user}",
        handler=subjects.erase_subject,
        answer=subjects.ErasureReceipt,
        roles=subjects.ERASERS,
        tag="administration",
    ),
    Route(
        method="POST",
        path="/mcp",
        handler=mcp.mcp,
        body=mcp.Message,
        answer=mcp.MessageReply,
        others=((202, None),),
        estimate=mcp.estimate,
        tag="assistant",
    ),
    Route(
        method="GET",
        path="/v1/runs/{run_id}",
        handler=runs.get_run,
        answer=runs.RunStatus,
        tag="runs",
    ),
    Route(
        method="GET",
        path="/v1/runs/{run_id}/events",
        handler=runs.follow_run,
        answer=GeneratedAnswer,
        streams=True,
        tag="runs",
    ),
    Route(
        method="GET",
        path="/v1/approvals",
        handler=approvals.list_approvals,
        answer=approvals.ApprovalList,
        query=(("limit", approvals.LIMIT),),
        tag="runs",
    ),
    Route(
        method="GET",
        path="/v1/approvals/{approval_id}",
        handler=approvals.get_approval,
        answer=approvals.ApprovalOut,
        tag="runs",
    ),
    Route(
        method="DELETE",
        path="/v1/approvals/{approval_id}",
        handler=approvals.withdraw_approval,
        answer=approvals.ApprovalOut,
        tag="runs",
    ),
    Route(
        method="POST",
        path="/v1/approvals/{approval_id}",
        handler=approvals.decide_approval,
        body=approvals.DecisionBody,
        answer=approvals.ApprovalOut,
        roles=approvals.DECIDERS,
        tag="runs",
    ),
    Route(
        method="GET",
        path="/v1/audit",
        handler=audit.read_audit,
        answer=audit.AuditPage,
        roles=audit.AUDITORS,
        query=(("after", 0), ("limit", audit.LIMIT)),
        tag="administration",
    ),
)


def build_http_app(services: Services) -> FastAPI:
    app = FastAPIOffline(
        docs_url="/docs",
        static_url="/docs/assets",
        title="GenAI Factory",
        description="An assistant that answers from documents, databases and its own model.",
        version="1",
        redirect_slashes=False,
        redoc_url=None,
    )
    app.add_middleware(RequestIds)
    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.add_exception_handler(Exception, _crash)
    app.router.routes[:0] = [secured(route, services) for route in ROUTES]
    app.router.routes += [
        *probe("/healthz", health.healthz, services, media_type="application/json"),
        *probe("/readyz", health.readyz, services, media_type="application/json"),
        *probe("/metrics", health.metrics, services, media_type="text/plain"),
        *console_routes(),
    ]
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405 in the shape of our errors."""
    allowed = _methods_of(request)
    if allowed:
        refusal: CallerError = MethodNotAllowed(f"this path takes {', '.join(allowed)}")
        headers = {"allow": ", ".join(allowed)}
    else:
        refusal, headers = NoSuchPath("there is nothing at this path; see /docs"), {}
    body = error_body(refusal, request_id_of(request.scope))
    return Response(body, refusal.status, headers, "application/json")


async def _crash(request: Request, error: Exception) -> Response:
    request_id = request_id_of(request.scope)
    logger.error("request crashed", extra={"request_id": request_id})
    return Response(error_body(INTERNAL, request_id), INTERNAL.status, None, "application/json")


def _methods_of(request: Request) -> list[str]:
    methods: set[str] = set()
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)
