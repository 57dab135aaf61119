"""Turns a `Route` into a FastAPI route that documents the operation but does not run it.

FastAPI reads the models from a synthetic signature for the OpenAPI document. Requests go straight to
the `Operation`, which is plain ASGI and much faster.
"""

import inspect
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import Depends, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.routing import BaseRoute
from starlette.routing import Route as PlainRoute

from deployments.api.answers import encode_error
from deployments.api.health import Probe, ProbeAnswer
from deployments.api.operation import ErrorEncoder, Estimate, FormReader, Handler, Operation
from deployments.api.schemas import ErrorBody
from deployments.api.services import Services
from genai.access.principal import ASKERS, Role

_BEARER = HTTPBearer(auto_error=False, description="An API key.")
_ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "The request must change."},
    "5XX": {"model": ErrorBody, "description": "The same request may succeed later."},
}
_FILE = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
_FORM = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {**_FILE, "required": ["file"], "additionalProperties": True}
            }
        }
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API. All of them need a key.

    Only keys with one of ``roles`` get in. ``form`` converts ``multipart/form-data`` to
    JSON; with it, files can be uploaded. ``encode_error`` ends a stream that fails. ``others`` are further
    success statuses with their answers; None is an empty one. ``query`` names integer parameters of the query
    string, with their defaults.
    """

    method: str
    path: str
    handler: Handler
    answer: type[BaseModel]
    tag: str
    body: type[BaseModel] | None = None
    roles: tuple[Role, ...] = ASKERS
    estimate: Estimate | None = None
    status: int = 200
    streams: bool = False
    encode_error: ErrorEncoder = encode_error
    query: tuple[tuple[str, int], ...] = ()
    form: FormReader | None = None
    others: tuple[tuple[int, type[BaseModel] | None], ...] = ()


def secured(route: Route, services: Services) -> APIRoute:
    documented = copy(_documented(route))
    documented.app = Operation(
        name=route.handler.__name__,
        handler=route.handler,
        services=services,
        body=route.body,
        roles=route.roles,
        estimate=route.estimate,
        form=route.form,
        query=tuple(name for name, _ in route.query),
        encode_error=route.encode_error,
    )
    return documented


@cache  # reading the models takes FastAPI longer than everything else at a start
def _documented(route: Route) -> APIRoute:
    return APIRoute(
        route.path,
        _documentation(route),
        methods=[route.method],
        response_model=route.answer,
        status_code=route.status,
        tags=[route.tag],
        dependencies=[Depends(_BEARER)],
        responses=_responses(route),
        openapi_extra=_FORM if route.form else None,
    )


def probe(
    path: str, answer: ProbeAnswer, services: Services, *, media_type: str
) -> tuple[BaseRoute, BaseRoute]:
    """An operation that needs no key. Load balancers ask with HEAD, too."""

    async def endpoint() -> None: ...

    endpoint.__name__, endpoint.__doc__ = answer.__name__, answer.__doc__
    kind = "object" if media_type == "application/json" else "string"
    content = {media_type: {"schema": {"type": kind}}}
    documented = APIRoute(
        path,
        endpoint,
        methods=["GET"],
        tags=["operation"],
        response_class=Response,
        responses={200: {"content": content}, "5XX": _ERRORS["5XX"]},
    )
    documented.app = asked = Probe(answer, services)
    return documented, PlainRoute(path, asked, methods=["HEAD"], include_in_schema=False)


def _documentation(route: Route) -> Any:
    """A function that is never called: `/docs` shows its name, docstring and parameters."""

    def endpoint() -> None: ...

    endpoint.__name__ = route.handler.__name__
    endpoint.__doc__ = route.handler.__doc__
    parameters = [_parameter(name, str) for name in _names_in(route.path)]
    parameters += [_parameter(name, int, value) for name, value in route.query]
    if route.body is not None:
        parameters.append(_parameter("body", route.body))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return endpoint


def _parameter(name: str, kind: type, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    where = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, where, annotation=kind, default=default)


def _names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _responses(route: Route) -> dict[int | str, dict[str, Any]]:
    told = _ERRORS | {status: _other(answer) for status, answer in route.others}
    if not route.streams:
        return told
    events = {"text/event-stream": {"schema": {"type": "string"}}}
    return told | {200: {"content": events, "description": "Events when `stream` is true."}}


def _other(answer: type[BaseModel] | None) -> dict[str, Any]:
    if answer is None:
        return {"description": "Taken; there is nothing to answer."}
    return {"model": answer, "description": "Not done yet."}
