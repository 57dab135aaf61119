"""Where a request stands in its caller's trace, by W3C's Trace Context."""

import httpx
import pytest

from tests.support.services import Fakes

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("header", "handed_on"),
    [(GIVEN, GIVEN), ("what is this", ""), (f"{GIVEN}\u00e9", ""), (None, "")],
)
async def test_the_callers_place_reaches_what_answers(
    client: httpx.AsyncClient, fakes: Fakes, header: str | None, handed_on: str
) -> None:
    headers = {} if header is None else {"traceparent": header.encode("latin-1")}

    answered = await client.post("/v1/assistant/generate", json={"input": "hi"}, headers=headers)

    assert answered.status_code == 200
    assert fakes.assistant.questions[0].context.traceparent == handed_on
