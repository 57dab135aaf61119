import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.gate import Gate
from genai.safety.json_values import JSONValues, with_json_values
from genai.safety.stream import StreamGuard
from genai.settings.safety import SafetySettings
from tests.genai.safety.test_stream import chunk, slowly

CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
GUARD = build_guard(SafetySettings())

DATA = (
    "4111 1111 1111 1111", "anna@example.com", "DE89 3704 0044 0532 0130 00", "212-555-0147",
    "https://evil.example/x?d=4", "[a](https://evil.example/y)",
)  # fmt: skip
AROUND = ("", "see\n", "\t", 'the "x" ', "\u00e9", '{"a": ', "[", ", ", ": ", "\\", '"', "}", " ok")

strings = st.tuples(st.sampled_from(AROUND), st.sampled_from(DATA), st.sampled_from(AROUND)).map(
    "".join
)
leaves = st.one_of(
    strings,
    st.sampled_from([4111111111111111, 5500000000000004, 378282246310005, -30000000000.0, 7, 2.5]),
    st.sampled_from([True, None, ""]),
)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=12,
).map(lambda inside: {"a": inside})


def alike(some: object, other: object) -> bool:
    """Of the same shape; two keys that were taken out may be the same now."""
    if isinstance(some, dict) and isinstance(other, dict):
        pairs = list(zip(some.values(), other.values(), strict=False))
        return len(some) < len(other) or all(alike(a, b) for a, b in pairs)
    if isinstance(some, list) and isinstance(other, list):
        return len(some) == len(other) and all(map(alike, some, other))
    return not isinstance(some, dict | list) and not isinstance(other, dict | list)


def streamed(text: str, size: int) -> str:
    async def consume() -> str:
        stream: StreamGuard[str] = StreamGuard(GUARD, CONTEXT)
        return "".join([part async for part in stream.async_filter(slowly(chunk(text, [size])))])

    return asyncio.run(consume())


def released(text: str) -> str:
    return asyncio.run(Gate(GUARD, CONTEXT).release_all([text]))[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"v": 4111111111111111}', {"v": "<CREDIT_CARD>"}),
        ('[4111111111111111, 5500000000000004, 7]', ["<CREDIT_CARD>", "<CREDIT_CARD>", 7]),
        ('{"v": -4111111111111111, "w": [{}]}', {"v": "-<CREDIT_CARD>", "w": [{}]}),
        ('{"a": "4111111111111111, [4111111111111111]"}', {"a": "<CREDIT_CARD>, [<CREDIT_CARD>]"}),
        ('{"a": "see\\nanna@example.com"}', {"a": "see<EMAIL_ADDRESS>"}),
    ],
)  # fmt: skip
def test_a_number_that_is_taken_out_of_json_becomes_a_string(text: str, said: object) -> None:
    assert json.loads(released(text)) == said
    assert json.loads(streamed(text, 1)) == said


@settings(max_examples=150, deadline=None)
@given(documents, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 40))
def test_json_stays_json_of_the_same_shape_also_while_it_streams(
    document: dict[str, Any], escaped: bool, indent: int | None, size: int
) -> None:
    text = json.dumps(document, ensure_ascii=escaped, indent=indent)

    whole = released(text)

    assert streamed(text, size) == whole
    assert alike(json.loads(whole), document)


@pytest.mark.parametrize(
    "text",
    [
        "Your card <CREDIT_CARD>, as you said.",
        "Cards (<CREDIT_CARD>) are {<CREDIT_CARD>}.",
        "{'v': <CREDIT_CARD>}",
        '{"v": List<CREDIT_CARD>()',
        '{"a": "<CREDIT_CARD>", "b": "\\"<CREDIT_CARD>, "}',
        '{"broken\n": <CREDIT_CARD>}',
    ],
)
def test_prose_and_strings_are_left_as_they_are(text: str) -> None:
    assert with_json_values(text) == text


def test_json_within_prose_is_json_too() -> None:
    text = 'Here: {"v": <CREDIT_CARD_1_kqzvt>} and [1] <CREDIT_CARD>'

    assert with_json_values(text) == 'Here: {"v": "<CREDIT_CARD_1_kqzvt>"} and [1] <CREDIT_CARD>'


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}[]",:\\ \nx1-<CREDIT_>', max_size=80), st.integers(1, 9))
def test_however_it_is_cut_any_text_is_read_the_same(text: str, size: int) -> None:
    values = JSONValues()

    parts = [values.feed(part) for part in chunk(text, [size])]

    assert "".join([*parts, values.rest()]) == with_json_values(text)


def test_prose_waits_for_nothing() -> None:
    rng = random.Random(0)
    words = ("fee", "of", "4.50", "EUR", "(see", "[1])", "a < b", "- item", "{x}")
    text = " ".join(rng.choice(words) for _ in range(200))
    values = JSONValues()

    waited = shown = 0
    for at, character in enumerate(text, start=1):
        shown += len(values.feed(character))
        waited = max(waited, at - shown)

    assert waited <= 2
