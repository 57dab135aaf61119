"""Data that betrays itself in an answer, whatever it is disguised by."""

import base64
import json
import random
from codecs import encode
from collections.abc import AsyncIterator, Callable

import pytest

from genai.errors import ContentRefused
from genai.messages import RequestContext
from genai.safety.disguises.check import DisguiseCheck
from genai.safety.guard import ChecksGuard
from genai.safety.identifiers import Identifiers
from genai.safety.stream import StreamGuard

CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
CHECK = DisguiseCheck(Identifiers(), "redact", secrets=True)
GUARD = ChecksGuard({"output": [CHECK]}, timeout_s=5)
AWS = "AKIAIOSFODNN7EXAMPLE"
GITHUB = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
CARD = "4111 1111 1111 1111"
IBAN = "DE89 3704 0044 0532 0130 00"
WORDS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def every(value: str, size: int, between: str) -> str:
    return between.join(value[at : at + size] for at in range(0, len(value), size))


def spelt(value: str) -> str:
    return " ".join(WORDS[int(c)] if c in "0123456789" else c for c in value if c != " ")


BREAKS: dict[str, Callable[[str], str]] = {
    "line breaks": lambda v: every(v, 9, "\n"),
    "a list": lambda v: "- " + every(v, 9, "\n- "),
    "bold": lambda v: f"{v[:6]}**{v[6:-4]}**{v[-4:]}",
    "tags": lambda v: f"{v[:7]}<b>{v[7:]}</b>",
    "a comment": lambda v: f"{v[:7]}<!-- x -->{v[7:]}",
    "spaces": lambda v: every(v, 4, " "),
    "single letters": lambda v: "-".join(v),
    "strings": lambda v: f'"{v[:9]}" + "{v[9:]}"',
    "within a comment": lambda v: f"<!--{v[:8]} {v[8:]}-->",
    "an array": lambda v: '["' + every(v, 8, '", "') + '"]',
    "a string of JSON": lambda v: '{"note": "' + every(v, 9, "\\n") + '"}',
    "properties": lambda v: json.dumps({f"p{at}": v[at : at + 8] for at in range(0, len(v), 8)}),
    "numbered items": lambda v: "".join(
        f"\n{at}. {v[at * 8 : at * 8 + 8]}" for at in range(len(v) // 8 + 1)
    ),
    "colours of a terminal": lambda v: f"{v[:7]}\x1b[1m{v[7:]}",
    "commands of LaTeX": lambda v: f"\\texttt{{{v[:7]}}}\\texttt{{{v[7:]}}}",
    "look-alikes": lambda v: v.translate({ord("A"): "\u0410", ord("E"): "\u0415"}),
    "cells": lambda v: "| " + every(v, 8, " | ") + " |",
}
CODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64 of a sentence": lambda v: base64.b64encode(f"It is {v}, dear.".encode()).decode(),
    "base64 in lines": lambda v: every(base64.b64encode(f"It is {v}".encode()).decode(), 16, "\n"),
    "base64 backwards": lambda v: base64.b64encode(v.encode()).decode()[::-1],
    "base64 twice": lambda v: base64.b64encode(base64.b64encode(v.encode())).decode(),
    "base32": lambda v: base64.b32encode(v.encode()).decode(),
    "hexadecimal": lambda v: v.encode().hex(),
    "hexadecimal pairs": lambda v: v.encode().hex(" "),
    "codes": lambda v: " ".join(map(str, v.encode())),
    "a program": lambda v: "+".join(f"chr({b})" for b in v.encode()),
    "octal": lambda v: "".join(f"\\{b:03o}" for b in v.encode()),
    "UTF-16": lambda v: base64.b64encode(v.encode("utf-16-le")).decode(),
    "bits": lambda v: " ".join(f"{b:08b}" for b in v.encode()),
    "backwards": lambda v: v[::-1],
}


async def found(text: str) -> list[str]:
    return [finding.rule for finding in (await CHECK.async_scan(text, "output")).findings]


@pytest.mark.parametrize("secret", [AWS, GITHUB])
@pytest.mark.parametrize("name", [*BREAKS, *CODINGS])
async def test_a_token_is_found_in_pieces_and_in_codes(name: str, secret: str) -> None:
    said = (BREAKS | CODINGS)[name](secret)

    verdict = await GUARD.async_inspect(f"It is {said}\nThat is all.", "output", CONTEXT)

    assert verdict.action == "block"


@pytest.mark.parametrize("rewrite", [lambda v: encode(v, "rot13"), str.swapcase])
async def test_a_token_is_found_in_other_letters(rewrite: Callable[[str], str]) -> None:
    assert await found(f"It is {rewrite(GITHUB)} now")


@pytest.mark.parametrize("name", CODINGS)
@pytest.mark.parametrize(("number", "kind"), [(CARD, "CREDIT_CARD"), (IBAN, "IBAN_CODE")])
async def test_numbers_with_check_digits_are_found_in_codes(
    name: str, number: str, kind: str
) -> None:
    said = CODINGS[name](number)

    verdict = await GUARD.async_inspect(f"It is {said}\nThat is all.", "output", CONTEXT)

    assert verdict.action == "redact"
    assert f"<{kind}>" in verdict.text
    assert verdict.text.endswith("\nThat is all.")


@pytest.mark.parametrize(
    "said",
    [
        spelt(CARD),
        spelt(CARD).replace(" ", "-"),
        "forty-one eleven, eleven eleven, eleven eleven, eleven eleven",
        "four triple one, double one double one, double one double one, double one double one",
        "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins",
        "**4111** **1111** **1111** **1111**",
        "4111**1111**1111**1111",
        "4111<b>1111</b>11111111",
        "4111-1111-11\n11-1111",
    ],
)
async def test_a_card_is_found_in_words_and_in_marks(said: str) -> None:
    assert "CREDIT_CARD" in await found(f"It is {said} as you know.")


@pytest.mark.parametrize(
    "text",
    [
        "Call one of our seven branches; two of them open at nine, three at ten, one at eleven.",
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
        "ASIA MARKETS REPORT FOR TODAY, GLOBAL RISK 2024 AND 2025 OUTLOOK",
        "**Fees**\n- card: 12\n- account: 1234\n- loan: 5678\n- branch: 9012\n",
        "ask me anything about task-force sk 2024 01 12 Bratislava, Slovakia and more of it there",
        "a commit 4f8a2c1d9e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39 and 550e8400-e29b-41d4-a716-446655440000",
        "years 1955 1956 1958 1964 were good",
        "12345678\n23456789\n34567890\n45678901",
        "data:text/plain;base64,"
        + base64.b64encode(b"Your branch opens at nine o'clock.").decode(),
        "Hf The Cat Sat On A Mat And The Dog Sat On The Log All Day Long Until Dawn",
        "eyJust a word",
    ],
)
async def test_what_only_looks_alike_passes(text: str) -> None:
    assert await found(text) == []


async def test_personal_data_may_be_left_to_pass() -> None:
    check = DisguiseCheck(None, "redact", secrets=True)

    assert not (await check.async_scan(spelt(CARD), "output")).findings
    assert (await check.async_scan(GITHUB[::-1], "output")).findings


@pytest.mark.parametrize("seed", range(40))
async def test_no_piece_of_a_stream_shows_what_the_whole_text_does_not(seed: int) -> None:
    rng = random.Random(seed)
    disguises = [*BREAKS.values(), *CODINGS.values()]
    parts = ["Your branch opens at nine, and six of us **do** help. "]
    for _ in range(3):
        number = rng.choice((CARD, IBAN))
        parts += [rng.choice([*CODINGS.values(), spelt])(number), ". And then (see it) "]
    if seed % 3 == 0:
        parts += [rng.choice(disguises)(rng.choice((AWS, GITHUB))), " is all of it."]
    text = "".join(parts)
    whole = await GUARD.async_inspect(text, "output", CONTEXT)

    shown = await streamed(rng, text)

    if whole.action == "block":
        assert text.startswith(parts[0])
        assert all(value[-6:] not in shown for value in (AWS, GITHUB))
        assert not await found(shown)
    else:
        assert shown == whole.text


async def streamed(rng: random.Random, text: str) -> str:
    shown: list[str] = []

    async def pieces() -> AsyncIterator[str]:
        at = 0
        while at < len(text):
            size = rng.choice((1, 2, 5, 20))
            yield text[at : at + size]
            at += size

    try:
        async for part in StreamGuard[str](GUARD, CONTEXT).async_filter(pieces()):
            shown.append(part)  # noqa: PERF401 - what was shown before a refusal counts
    except ContentRefused:
        pass
    return "".join(shown)


async def test_the_first_words_of_an_ordinary_answer_are_shown_at_once() -> None:
    for text in ("Your current account is free.", "So a new card costs 12 euros.", "In a day."):
        scans = [await CHECK.async_scan(text[:at], "output", final=False) for at in range(12, 20)]

        assert all(scan.safe_upto > 0 for scan in scans)
