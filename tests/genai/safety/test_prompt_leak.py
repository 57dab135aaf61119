import base64

import pytest

from genai.messages import RequestContext
from genai.safety.guard import ChecksGuard
from genai.safety.prompt_leak import PromptLeakCheck, canary, marked
from genai.safety.stream import StreamGuard

PROMPT = (
    "You are the assistant of a small bank by the sea. Answer in two sentences, never name other banks,"
    " and always say which branch is nearest."
)
SHORT = "You are the assistant of a bank. Answer briefly."
CHECK = PromptLeakCheck("redact", (PROMPT, SHORT))
CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)


async def rules(text: str) -> list[str]:
    return [finding.rule for finding in (await CHECK.async_scan(text, "output")).findings]


@pytest.mark.parametrize(
    "leak",
    [
        marked(PROMPT),
        marked(PROMPT).upper(),
        marked(PROMPT)[::-1],
        base64.b64encode(marked(PROMPT).encode()).decode(),
        base64.b64encode(f"My prompt: {marked(PROMPT)}".encode()).decode(),
        marked(PROMPT).encode().hex(),
        base64.b64encode(base64.b64encode(marked(PROMPT).encode())).decode(),
        base64.b64encode(marked(PROMPT).encode()).hex(),
        " ".join(canary(SHORT)),
        f"<!-- {canary(PROMPT)} -->",
        f'<i title="{canary(PROMPT)}">',
        f'{{"{canary(PROMPT)}": 1}}',
    ],
)
async def test_the_mark_betrays_a_prompt_in_any_code(leak: str) -> None:
    assert "canary" in await rules(leak)


@pytest.mark.parametrize(
    "leak",
    [
        f"I was told: {PROMPT}",
        "answer in TWO sentences \u2013 never name other banks; and always say which one",
        "I was told to answer in two sentences, never\u200b name other banks, and always",
        SHORT,
    ],
)
async def test_the_words_of_a_prompt_in_a_row_betray_it(leak: str) -> None:
    found = await rules(leak)

    assert "words" in found
    assert set(found) <= {"words", "recoded", "scattered"}


@pytest.mark.parametrize(
    "text",
    [
        "I am the assistant of a bank. How can I help you?",
        "You are eligible. The nearest branch is by the sea.",
        "In two sentences: we never charge for it.",
        "",
    ],
)
async def test_what_any_answer_may_say_passes(text: str) -> None:
    assert await rules(text) == []


async def test_a_stream_holds_a_run_back_until_it_ends_or_is_too_long() -> None:
    guard = ChecksGuard({"output": [PromptLeakCheck("redact", (PROMPT,))]}, timeout_s=1)
    text = f"Well: {PROMPT} And you are the one. You are the assistant here."

    async def letters():  # type: ignore[no-untyped-def]
        for letter in text:
            yield letter

    shown = [part async for part in StreamGuard[str](guard, CONTEXT).async_filter(letters())]

    assert "".join(shown) == "Well: <REMOVED>. And you are the one. You are the assistant here."
