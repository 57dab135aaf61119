"""A guard for each stage."""

import pytest

from genai.errors import GuardUnavailable
from genai.safety.by_stage import ByStage
from tests.support.answering import WordGuard, context


async def test_each_stage_asks_its_own_guard() -> None:
    incoming, outgoing = WordGuard(), WordGuard()
    guard = ByStage({"input": incoming, "output": outgoing})

    asked = await guard.async_inspect("a question", "input", context())
    said = await guard.async_inspect("the secret an", "output", context(), final=False, start=4)

    assert incoming.seen == [("input", "a question")]
    assert outgoing.seen == [("output", "the secret an")]
    assert (asked.text, said.text) == ("a question", "<MASKED> ")


async def test_a_stage_without_a_guard_lets_nothing_pass() -> None:
    with pytest.raises(GuardUnavailable):
        await ByStage({"input": WordGuard()}).async_inspect("rows", "tool", context())
