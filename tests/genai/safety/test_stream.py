import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genai.errors import BackendFailed, ContentRefused, GuardUnavailable
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict
from genai.safety.stream import StreamGuard
from genai.settings.safety import SafetySettings
from genai.streams import closing
from tests.support.answering import BrokenGuard

CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
GUARD = build_guard(SafetySettings(blocked_topics={"forecasts": ("stock tips", "price target of")}))
REDACTING = build_guard(SafetySettings(secrets=False))

PLANTED = (
    "4111 1111 1111 1111",
    "4111111111111111",
    "3782-822463-10005",
    "5 5 0 0 0 0 0 0 0 0 0 0 0 0 0 4",
    "GB29NWBK60161331926819",
    "GB29 NWBK 6016 1331 9268 19",
    "NL91 ABNA 0417 1643 00",
    "anna.svensson+bank@mail.example.co.uk",
    "212-555-0147",
    "(212) 555-0147 ext. 12",
    "+46 70 174 06 05",
    "call me on 9472 7916",
    "781 1704 office",
    "078-05-1120",
    "ssn 078051120",
    "192.168.10.254",
    "2001:db8::8a2e:370:7334",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "AB 12 34 56 C",
    "AB-12-34-56-C",
    "NHS no. 943 476 5919",
    "65 929 970 489",
    "2 55 08 14 168 025 38",
    "1 85 05 2A 006 084 21",
    "12.345.678-Z",
    "12345678 Z",
    "X-1234567-L",
    "RSSMRA85T10A562S",
    "BSN 1112.22.333",
    "AFZPK7190K",
    "2341 2341 2346",
    "TFN 123 456 782",
    "S1234567D",
    "131052-308T",
    "811228-9874",
    "529.982.247-25",
    "85.07.30-033.28",
    "A123456(3)",
    "710319/2745",
    "1EG4-TE5-MK73",
    "TC kimlik no 10000000146",
    "NDExMTExMTExMTExMTExMQ",
    '"943 476 5919" is what I entered under NHS',
    "756.9217.0769.85",
    "1234567FA",
    "phone 0419/912556",
    "passport C01X00T47",
    "| 4111 1111 | 1111 1111 |",
    '{"a": "41111111", "b": "11111111"}',
    "| DE89 3704 0044 | 0532 0130 00 |",
    r"\u0034111 1111 1111 1111",
    r"4111\n1111\n1111\n1111",
    r"anna\u0040example.com",
    "&#52;111&nbsp;1111 1111 1111",
)
PLAIN = (
    "the balance ", "of 1,250.00 EUR ", "on 2024-05-01 ", "at 12:30:45 ", "in ", "is ", "a ", " ",
    "\n", "-", ". ", ", ", "GB", "DE89 ", "x", "call ", "ext ", "5 ", "4111 ", "+", "(", ")", "1",
    "@", ":", "::", "你好", "é", "account 12345678 ", "version 1.2.3.4 ", "office", "/", "0", "e",
    "\\", "\\u", "0034", "&", "#52", "| ", '", "', "card ", "4111 1111 ", "AKIA",
)  # fmt: skip

texts = st.lists(st.sampled_from(PLANTED + PLAIN), max_size=14).map("".join)
cuts = st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=60)


def chunk(text: str, sizes: Sequence[int]) -> list[str]:
    pieces, position, turn = [], 0, 0
    while position < len(text):
        size = sizes[turn % len(sizes)]
        pieces.append(text[position : position + size])
        position, turn = position + size, turn + 1
    return pieces


async def slowly(pieces: Sequence[str]) -> AsyncIterator[str]:
    """Lets every piece be inspected before the next arrives."""
    for piece in pieces:
        yield piece
        for _ in range(6):
            await asyncio.sleep(0)


async def collect(guard: Guard, pieces: Sequence[str]) -> list[str]:
    return [text async for text in StreamGuard(guard, CONTEXT).async_filter(slowly(pieces))]


def redacted(guard: Guard, text: str) -> Verdict:
    return asyncio.run(guard.async_inspect(text, "output", CONTEXT))


@settings(max_examples=300, deadline=None)
@example("4111 1111 1111 11114111 1111 1111 1111@你好", [1])
@example('{"a": "41111111", "b": "11111111"} in 12.345.678-Z', [1])
@given(texts, cuts)
def test_a_stream_says_what_the_whole_text_would_say_however_it_is_cut(
    text: str, sizes: list[int]
) -> None:
    streamed = "".join(asyncio.run(collect(REDACTING, chunk(text, sizes))))

    assert streamed == redacted(REDACTING, text).text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='4150 -.@ab:x(+G2\nB|,"\\u&#;%', max_size=400), cuts)
def test_text_that_looks_like_identifiers_streams_as_it_would_be_redacted(
    text: str, sizes: list[int]
) -> None:
    streamed = "".join(asyncio.run(collect(REDACTING, chunk(text, sizes))))

    assert streamed == redacted(REDACTING, text).text


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        ["stock  tips", "Stock\u200b tips", "price target of", "AKIAIOSFODNN7EXAMPLE",
         "sk-proj-abcdefghijklmnopqrstu", "-----BEGIN RSA PRIVATE KEY-----",
         "https://ann:hunter2@example.com", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"]
    ),
    texts,
    texts,
    cuts,
)  # fmt: skip
def test_a_stream_that_is_blocked_shows_nothing_of_what_blocked_it(
    blocked: str, before: str, after: str, sizes: list[int]
) -> None:
    before, after = before + " ", " " + after
    shown: list[str] = []

    async def consume() -> None:
        stream: StreamGuard[str] = StreamGuard(GUARD, CONTEXT)
        async for text in stream.async_filter(slowly(chunk(before + blocked + after, sizes))):
            shown.append(text)  # noqa: PERF401 - what was shown before the error counts

    with pytest.raises(ContentRefused):
        asyncio.run(consume())
    assert redacted(REDACTING, before + blocked).text.startswith("".join(shown))
    in_front = redacted(REDACTING, before + "then").text.removesuffix("then")  # not cut at its end
    assert len("".join(shown)) <= len(in_front) + len("https://ann:")


@pytest.mark.parametrize(
    "escaped",
    [
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
        lambda text: "".join(f"\\\\u{ord(c):04x}" for c in text),
        lambda text: "".join(f"&#{ord(c)};" for c in text),
        "\u200b\u200b\u200b".join,
    ],
)
@pytest.mark.parametrize(
    "said", ["my national register number: 85073003328", "CPR number 070761-4285"]
)
def test_the_word_that_tells_may_be_written_with_escapes_far_before_the_number(
    escaped: Callable[[str], str], said: str
) -> None:
    text = f"{escaped(said)} {escaped('and so on')} for you."

    shown = "".join(asyncio.run(collect(GUARD, list(text))))

    assert shown == redacted(GUARD, text).text != text


async def test_plain_prose_is_delayed_by_less_than_thirty_characters() -> None:
    prose = "Your current account has no monthly fee, and the card that comes with it is free too. "
    shown, sent, delays = 0, 0, []
    stream: StreamGuard[str] = StreamGuard(GUARD, CONTEXT)

    async def pieces() -> AsyncIterator[str]:
        nonlocal sent
        for piece in chunk(prose * 3, [4]):
            sent += len(piece)
            yield piece
            for _ in range(6):
                await asyncio.sleep(0)
            delays.append(sent - shown)

    async for text in stream.async_filter(pieces()):
        shown += len(text)

    assert max(delays) < 30


async def test_text_without_spaces_is_not_held_back() -> None:
    texts = await collect(GUARD, ["您的", "账户", "没有", "月费"])

    assert texts == ["您的", "账户", "没有", "月费"]


async def test_pieces_that_arrive_during_an_inspection_are_inspected_together() -> None:
    calls: list[str] = []

    class Slow(Guard):
        async def async_inspect(
            self,
            text: str,
            stage: Stage,
            context: RequestContext,
            *,
            final: bool = True,
            start: int = 0,
        ) -> Verdict:
            calls.append(text[start:])
            for _ in range(50):
                await asyncio.sleep(0)
            return Verdict(action="allow", text=text[start:], consumed=len(text) - start)

    async def pieces() -> AsyncIterator[str]:
        for piece in "abcdefgh":
            yield piece
            await asyncio.sleep(0)

    texts = [text async for text in StreamGuard(Slow(), CONTEXT).async_filter(pieces())]

    assert "".join(texts) == "abcdefgh"
    assert calls[0] == "a"
    assert len(calls) <= 3


async def test_what_is_not_text_passes_at_once() -> None:
    async def pieces() -> AsyncIterator[str | int]:
        yield "mail anna@example"
        yield 7
        yield ".com now"

    seen = [item async for item in StreamGuard[int](REDACTING, CONTEXT).async_filter(pieces())]

    assert [item for item in seen if isinstance(item, int)] == [7]
    assert "".join(item for item in seen if isinstance(item, str)) == "mail <EMAIL_ADDRESS> now"


async def test_held_back_text_is_not_shown_when_the_source_fails() -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "write to anna@exam"
        raise BackendFailed("the model failed")

    shown: list[str] = []

    async def consume() -> None:
        async for text in StreamGuard(REDACTING, CONTEXT).async_filter(pieces()):
            shown.append(text)  # noqa: PERF401 - what was shown before the error counts

    with pytest.raises(BackendFailed):
        await consume()
    assert "".join(shown) == "write to "


async def test_a_guard_that_cannot_run_ends_the_stream() -> None:
    with pytest.raises(GuardUnavailable):
        await collect(BrokenGuard(), ["hello ", "world"])


async def test_decisions_are_summed_up_over_the_stream() -> None:
    stream: StreamGuard[str] = StreamGuard(REDACTING, CONTEXT)
    async for _ in stream.async_filter(slowly(["my card ", "4111111111111111 ", "is lost"])):
        pass

    assert [(d.check, d.action, d.rule) for d in stream.decisions if d.rule] == [
        ("pii", "redact", "CREDIT_CARD")
    ]


async def test_checks_that_found_nothing_are_among_the_decisions_too() -> None:
    stream: StreamGuard[str] = StreamGuard(GUARD, CONTEXT)
    async for _ in stream.async_filter(slowly(["all is well "])):
        pass

    assert {decision.check: decision.action for decision in stream.decisions} == {
        "topics": "allow",
        "secrets": "allow",
        "pii": "allow",
        "cut_short": "allow",
        "disguises": "allow",
        "links": "allow",
        "toxicity": "allow",
    }


async def test_closing_the_stream_closes_its_source() -> None:
    closed = False

    async def pieces() -> AsyncIterator[str]:
        nonlocal closed
        try:
            while True:
                yield "more and more words "
                await asyncio.sleep(0)
        finally:
            closed = True

    async with closing(StreamGuard[str](REDACTING, CONTEXT).async_filter(pieces())) as stream:
        async for _ in stream:
            break

    assert closed


async def test_a_number_is_redacted_by_the_header_of_its_column_far_above_it() -> None:
    head = "id;order;date;status;branch;amount;currency;tax file number;agent;comment\n"
    row = "1;A-77;2026-03-04;open;Leeds North;99.50;EUR;123456782;Kim;all is well so far\n"

    pieces = chunk(head + 30 * row, [5])

    assert "".join(await collect(REDACTING, pieces)) == head + 30 * row.replace(
        "123456782", "<AU_TFN>"
    )
