"""The scripted model called as a function: the lower bound, without the service around it."""

import asyncio
import time

from benchmarks.configs import LONGEST_ANSWER
from benchmarks.stats import summary_ms
from benchmarks.text import QUESTION
from genai.llms.scripted import ScriptedLLM
from genai.messages import ChatRequest, Message, RequestContext, Sampling
from genai.settings.models import ScriptedSettings

TIMES = 500


def measure_direct(words: int) -> dict[str, dict[str, float]]:
    """Milliseconds to the whole answer, and to the first token of a stream."""
    return asyncio.run(_measure(words))


async def _measure(words: int) -> dict[str, dict[str, float]]:
    llm = ScriptedLLM("bank", ScriptedSettings(backend="scripted", tokens=LONGEST_ANSWER))
    whole, first = [], []
    for _ in range(TIMES):
        started = time.perf_counter()
        await llm.async_chat(_request(words))
        whole.append(time.perf_counter() - started)
        started = time.perf_counter()
        async for _chunk in llm.async_stream(_request(words)):
            first.append(time.perf_counter() - started)
            break
    return {"latency_ms": summary_ms(whole), "first_token_ms": summary_ms(first)}


def _request(words: int) -> ChatRequest:
    context = RequestContext(request_id="r", tenant="t", user="u", deadline=time.time() + 60)
    return ChatRequest(
        messages=(Message(role="user", content=QUESTION),),
        context=context,
        sampling=Sampling(max_tokens=words),
    )
