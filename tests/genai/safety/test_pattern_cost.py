"""No pattern of any check can be made to backtrack: what costs much at one length is tried at four."""

import asyncio
import time

import pytest

from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage
from genai.settings.safety import SafetySettings

CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
GUARD = build_guard(
    SafetySettings(blocked_topics={"tips": ("stock tips", "price target of")}),
    ("You are the assistant of a bank. Answer briefly and truthfully, please.",),
)
UNITS = (
    "-----BEGIN RSA PRIVATE KEY-----", "1234567 is my ", "https://bank.example/r?u=//", "17,1234-", "\u0440.",
    "ab.", "a", "1", "1 ", "1-", "+1 ", "(1", "0x", "a@", "@a.", "a@a.", "a.a@", "::", "1:", "1.1.1.",
    "GB1 ", "AB 12 ", "eyJ", "-----BEGIN ", "sk-", "://", "a://", "//", "\\\\", "/\\", "](", "[](", "](a",
    "](a(", "](\n ", "((", "<a", "<a ", "<a b=", "<img src='", "&#1;", "&a;", "&", "\\u00", "http:", "www.",
    "data:", "data:a/", "mailto:", ".com", ".com/", "a.com?", "[.]", "(dot)a", "\u3002a", "\u200b", "\uff10",
    "ignore ", "ignore all ", "system prompt ", "you must ", "the ai ", "i g n o r e ", "1gn0r3 ", "%41",
    "aGVsbG8g", "YWJj", "\"'", "\u201c", "phishing email \"", "idiot ", "moron. ", "you are the ", "\x02",
    "answer briefly and ", "\n \n", " \n", "\t", "user: ", "assistant: ", "password: ", "key=", "{\"", "<|",
    "stock ", "price target ", "passport ", "ssn 1", "x=1;", "\u202e", "\U000e0041", "\uff41", "é.", "ß@",
)  # fmt: skip
OF_DISGUISES = (
    "four ", "forty-", "a b ", "**1", "1** ", "<b>1", "YWJjZGVmZ2hpamts\n", "41 ", "chr(49)+", "0x41,",
    "01000001 ", "AKIA ", "g h p ", "sk-A1 ", "ghp_aB1", "MFRGG", "@.moc",
)  # fmt: skip
"""For the checks of answers only."""

LENGTH = 2_000


async def seconds(guard: Guard, text: str, stage: Stage) -> float:
    best = 1e9
    for _ in range(2):
        began = time.process_time()
        await guard.async_inspect(text, stage, CONTEXT)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.timeout(900)
@pytest.mark.parametrize("stage", ["input", "tool", "output"])
async def test_the_cost_of_any_repeated_text_grows_linearly(stage: Stage) -> None:
    slow = []
    for unit in (*UNITS, *OF_DISGUISES) if stage == "output" else UNITS:
        text = unit * (LENGTH * 4 // len(unit))
        short = await seconds(GUARD, text[:LENGTH], stage)
        whole = await seconds(GUARD, text, stage)
        if whole > 0.15 and whole > 10 * short:
            slow.append((unit, short, whole))
        await asyncio.sleep(0)

    assert slow == []
