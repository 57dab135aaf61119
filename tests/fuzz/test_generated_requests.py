"""Whatever is sent: no crash, no echo, every error in the one shape, every answer as documented.

`make fuzz` sends 50,000 requests, `make test` some hundreds: `FUZZ_REQUESTS` says how many.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from deployments.api.app import ROUTES, build_http_app
from tests.support.fuzzing import (
    BODIES,
    Judge,
    Request,
    Response,
    Tally,
    broken_requests,
    of_case,
    send,
)
from tests.support.redis_server import RedisServer
from tests.support.services import Fakes
from tests.support.whole_app import Loop, WholeApp, running_loop, whole_settings

pytest.importorskip("lancedb")

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "600"))
DOCUMENT: dict[str, Any] = build_http_app(Fakes().services()).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
}
CASES = [
    (name, mode)
    for name, operation in OPERATIONS.items()
    for mode in schemathesis.GenerationMode
    if mode.is_positive or operation.tags != ["operation"]  # probes take no input
]
EXAMPLES = max(3, REQUESTS // 5 // len(CASES))  # the others cost a fifth of the time

pytestmark = pytest.mark.timeout(60 + REQUESTS / 5)
fuzzed = settings(
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    database=None,
)


@dataclass
class Target:
    """The whole application, and a key that is recreated when a request revokes it."""

    app: WholeApp
    loop: Loop
    tally: Tally
    key: str = ""

    def ask(self, request: Request) -> Response:
        response = self.loop.run(self._ask(request))
        self.tally.statuses[response.status] += 1
        return response

    async def _ask(self, request: Request) -> Response:
        await self._have_key()
        return await send(self.app.http, request, self.key)

    async def _have_key(self) -> None:
        try:
            await self.app.state.keys.async_authenticate(self.key)
        except Exception:
            self.key = await self.app.new_key("acme", "ann")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, running_loop() as loop:
        redis = RedisServer(Path(folder) / "redis")
        app = loop.run(_opened(Path(folder), redis.socket))
        target = Target(app, loop, Tally())
        yield target
        loop.run(app.async_close())
        redis.kill()
        print(f"\n{target.tally}")  # noqa: T201


async def _opened(folder: Path, socket: Path) -> WholeApp:
    await asyncio.sleep(0)
    return WholeApp(whole_settings(folder, socket))


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(DOCUMENT)


def test_every_body_is_broken_on_purpose() -> None:
    assert BODIES.keys() == {route.path for route in ROUTES if route.body}


@pytest.mark.parametrize(("name", "mode"), CASES, ids=lambda part: getattr(part, "value", part))
def test_requests_made_from_the_document(
    target: Target, judge: Judge, name: str, mode: schemathesis.GenerationMode
) -> None:
    operation = OPERATIONS[name]

    @settings(fuzzed, max_examples=EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        request = of_case(case)
        response = target.ask(request)
        complaints = list(judge.complaints(request, response, operation.path))
        assert not complaints, (request, response)

    ask()


def test_requests_with_something_wrong(target: Target, judge: Judge) -> None:
    """As many as are left: of some operations the document allows but a few different requests."""

    @settings(fuzzed, max_examples=max(50, REQUESTS - target.tally.statuses.total()))
    @given(request=broken_requests())
    def ask(request: Request) -> None:
        response = target.ask(request)
        assert list(judge.complaints(request, response)) == [], response

    ask()
