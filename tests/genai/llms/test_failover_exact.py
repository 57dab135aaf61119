"""A model's process that dies after any token: the answer is the one of calm times, to the letter."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.failover.attempt import Contradiction
from genai.llms.failover.chain import FEW_TOKENS, FallbackLLM
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, Sampling, Usage
from genai.streams import merge_chunks
from tests.support.language_models import chat_request, collect, collect_until_error, text_of

SHORT = "Grüße aus Köln: 5 € für 日本 😀!"
LONG = "A card costs five euros. " * 8


@dataclass(frozen=True)
class Death:
    """After so many tokens of one call; ``silent`` when the stream just ends there."""

    tokens: int
    silent: bool = False
    ended: bool = False


class ByteModel(BaseLLM):
    """Says ``text``, a token for each byte. Half a character is kept back, as is what may be the
    begin of a stop word, and counted nevertheless: as vLLM does it."""

    name = "bytes"
    continues = True
    replaceable = True

    def __init__(self, text: str, *deaths: Death, batch: int = 1) -> None:
        self.requests: list[ChatRequest] = []
        self._text = text
        self._deaths = list(deaths)
        self._batch = batch

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise NotImplementedError

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.requests.append(request)
        death = self._deaths.pop(0) if self._deaths else Death(10**6)
        begun = request.messages[-1]
        said = begun.content if begun.role == "assistant" else ""
        assert self._text.startswith(said)
        chunks, reason = self._chunks(self._text[len(said) :].encode(), request.sampling)
        told = chunks[: death.tokens]
        if death.ended:
            told = [*chunks, self._end(reason, len(chunks))]
        for at in range(0, len(told), self._batch):
            for chunk in merge_chunks(told[at : at + self._batch]):
                yield chunk
        if death.silent:
            return
        if death.tokens <= len(chunks):
            raise BackendFailed("the engine has died")
        yield self._end(reason, len(chunks))

    def _chunks(self, rest: bytes, sampling: Sampling) -> tuple[list[Chunk], FinishReason]:
        held = max([len(word) for word in sampling.stop], default=1) - 1
        chunks, shown = list[Chunk](), 0
        room = rest[: sampling.max_tokens]
        for count in range(1, len(room) + 1):
            heard = room[:count].decode(errors="ignore")
            stops = [at for word in sampling.stop if (at := heard.find(word)) >= 0]
            last = bool(stops) or count == len(room)
            until = min(stops) if stops else len(heard) - (0 if last else held)
            text, shown = heard[shown : max(shown, until)], max(shown, until)
            spent = Usage(completion_tokens=count)
            chunks.append(Chunk(text=text, model=self.name, spent=spent))
            if stops:
                return chunks, "stop"
        return chunks, "stop" if len(rest) < sampling.max_tokens else "length"

    def _end(self, reason: FinishReason, tokens: int) -> Chunk:
        usage = Usage(completion_tokens=tokens)
        return Chunk(model=self.name, finish_reason=reason, usage=usage)


async def answer_of(model: BaseLLM, **sampling: object) -> tuple[str, str | None, set[str | None]]:
    request = chat_request(sampling=Sampling.model_validate(sampling))
    chunks = await collect(FallbackLLM([model]).async_stream(request))
    ends = [chunk.finish_reason for chunk in chunks if chunk.finish_reason]
    assert len(ends) == 1
    return text_of(chunks), ends[0], {chunk.degraded for chunk in chunks}


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize(
    ("text", "sampling"),
    [
        (SHORT, {}),
        (SHORT, {"max_tokens": 12}),
        (SHORT, {"max_tokens": len(SHORT.encode())}),
        (SHORT, {"stop": ("日本",)}),
        (SHORT, {"stop": ("never said",), "max_tokens": 30}),
        (SHORT, {"temperature": 1.0, "seed": 7, "max_tokens": 20}),
        (LONG, {"max_tokens": 150}),
        (LONG, {"max_tokens": len(LONG)}),
        (LONG, {}),
    ],
)
async def test_the_answer_is_the_one_of_calm_times_after_whichever_token_it_broke(
    text: str, sampling: dict[str, object], batch: int, silent: bool
) -> None:
    calm = await answer_of(ByteModel(text), **sampling)

    for tokens in range(len(text.encode()) + 1):
        died = ByteModel(text, Death(tokens, silent), batch=batch)
        assert await answer_of(died, **sampling) == calm, tokens


async def test_a_second_death_changes_nothing_either() -> None:
    calm = await answer_of(ByteModel(LONG), max_tokens=150)

    for first in range(0, 150, 7):
        for second in range(0, 150 - first, 7):
            died = ByteModel(LONG, Death(first), Death(second))
            assert await answer_of(died, max_tokens=150) == calm, (first, second)


@pytest.mark.parametrize("text", [SHORT, LONG])
async def test_an_answer_that_has_had_its_end_has_not_broken(text: str) -> None:
    model = ByteModel(text, Death(len(text.encode()), ended=True))

    assert (await answer_of(model))[:2] == (text, "stop")
    assert len(model.requests) == 1


async def test_what_is_long_is_not_said_again() -> None:
    model = ByteModel(LONG, Death(FEW_TOKENS + 1))

    await answer_of(model)

    assert model.requests[1].messages[-1].content == LONG[: FEW_TOKENS + 1]


class OtherWords(ByteModel):
    """Begins otherwise when it is asked again, and goes on with what it is shown."""

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        if len(self.requests) == 1 and request.messages[-1].role == "user":
            self.requests.append(request)
            yield Chunk(text="Hello", model=self.name)
            return
        async for chunk in super().async_stream(request):
            yield chunk


async def test_a_model_that_begins_otherwise_is_asked_to_go_on_instead() -> None:
    calm = await answer_of(ByteModel(SHORT), max_tokens=20)
    model = OtherWords(SHORT, Death(5))

    assert await answer_of(model, max_tokens=20) == calm
    assert [request.messages[-1].role for request in model.requests] == [
        "user",
        "user",
        "assistant",
    ]


async def test_nobody_goes_on_with_json_that_begins_otherwise() -> None:
    model = OtherWords(SHORT, Death(5))
    request = chat_request(sampling=Sampling(json_schema="{}"))

    _, error = await collect_until_error(FallbackLLM([model]).async_stream(request))

    assert isinstance(error, Contradiction)
    assert not error.retryable
