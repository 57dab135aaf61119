"""The words of a system prompt, one by one."""

import random
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from genai.messages import RequestContext
from genai.safety.disguises.scattered import ScatteredWords
from genai.safety.guard import ChecksGuard
from genai.safety.prompt_leak import PromptLeakCheck
from genai.safety.stream import StreamGuard

PROMPT = (
    "You are the assistant of a small bank by the sea. Answer in two sentences, never name other banks,"
    " and always say which branch is nearest."
)
KNOWN = ScatteredWords((PROMPT,))
CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)


def numbered(form: str) -> Callable[[Sequence[str]], str]:
    return lambda words: "\n".join(form.format(at, word) for at, word in enumerate(words, 1))


FORMS: dict[str, Callable[[Sequence[str]], str]] = {
    "positions": numbered("{}: {}"),
    "sentences": numbered("Word {} is {}."),
    "rows": numbered("| {} | {} |"),
    "names": numbered('"{1}{0}": {0},'),
    "fillers": " banana ".join,
    "last word first": lambda words: " ".join(reversed(words)),
}


@pytest.mark.parametrize("form", FORMS)
def test_words_in_their_order_betray_a_prompt(form: str) -> None:
    said = FORMS[form](PROMPT.lower().split())

    [(start, end)] = KNOWN.find(f"sure, here it is: {said} done")

    assert end - start > 0.8 * len(said)


@pytest.mark.parametrize(
    "text",
    [
        "you asked which bank by the sea is nearest: the small branch in galway, and it never closes.",
        "answer: two banks name the sea, and the assistant of one of them is always a small one.",
        "",
    ],
)
def test_the_same_words_in_another_order_pass(text: str) -> None:
    assert list(KNOWN.find(text)) == []


@pytest.mark.parametrize("seed", range(20))
async def test_a_stream_shows_no_more_than_the_whole_text(seed: int) -> None:
    rng = random.Random(seed)
    guard = ChecksGuard({"output": [PromptLeakCheck("redact", (PROMPT,))]}, timeout_s=5)
    words = PROMPT.split()[: rng.choice((3, 7, 12, 30))]
    said = FORMS[rng.choice(list(FORMS))](words)
    text = f"You are here by the sea. {said} You are welcome."

    shown = await streamed(guard, rng, text)

    assert shown == (await guard.async_inspect(text, "output", CONTEXT)).text


async def streamed(guard: ChecksGuard, rng: random.Random, text: str) -> str:
    async def pieces() -> AsyncIterator[str]:
        at = 0
        while at < len(text):
            size = rng.choice((1, 2, 5, 20))
            yield text[at : at + size]
            at += size

    return "".join([p async for p in StreamGuard[str](guard, CONTEXT).async_filter(pieces())])
