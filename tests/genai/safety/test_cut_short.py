"""Numbers and keys here are test numbers of the networks, or made up."""

import pytest

from genai.factory.safety_factory import build_guard
from genai.safety.cut_short import CutShortCheck
from genai.safety.gate import Gate
from genai.safety.placeholders import Placeholders
from genai.safety.stream import StreamGuard
from genai.settings.safety import SafetySettings
from tests.genai.safety.test_stream import slowly
from tests.support.answering import context

GUARD = build_guard(SafetySettings())

SENSITIVE = {
    "CREDIT_CARD": "4111 1111 1111 1111",
    "CREDIT_CARD plain": "5555555555554444",
    "CREDIT_CARD dashes": "4111-1111-1111-1111",
    "CREDIT_CARD amex": "3782 822463 10005",
    "CREDIT_CARD spelt": "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "CREDIT_CARD coded": "4111\\u00201111\\u00201111\\u00201111",
    "CREDIT_CARD cells": "4111 1111 | 1111 1111",
    "IBAN_CODE": "DE89 3704 0044 0532 0130 00",
    "IBAN_CODE plain": "GB29NWBK60161331926819",
    "US_SSN": "078-05-1120",
    "PHONE_NUMBER": "+46 70 174 06 05",
    "SECRET aws": "AKIAIOSFODNN7EXAMPLE",
    "SECRET github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "SECRET openai": "sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2",
    "SECRET stripe": "sk_live_a1b2c3d4e5f6g7h8",
    "SECRET slack": "xoxb-123456789012-abcdefghijkl",
}


@pytest.mark.parametrize("name", SENSITIVE)
async def test_most_of_something_sensitive_is_not_shown_at_the_end(name: str) -> None:
    value = SENSITIVE[name]
    for end in range(len(value) * 3 // 4, len(value)):
        if not value[end - 1].isalnum():
            continue
        verdict = await GUARD.async_inspect(f"It is {value[:end]}", "output", context())

        assert verdict.action in ("redact", "block"), value[:end]
        assert value[:4] not in verdict.text


NAMED = (
    "Visa=5018746727291806",
    "3626-246273-1604",
    "5018-5918-4010-4193",
    "kw9595920914104129277031311703",
    "Steuer-ID: 57 296 114 082",
    "DNI: 15053014K",
    "NIE X-6764340-L",
    "The PAN card is DJIHQ1124K",
    "NRIC F9259778K",
    "henkil\u00f6tunnus 171081-457K",
    "f\u00f8dselsnummer=17056194012",
    "AHV: 7567366921555",
    "PPSN 9714350T",
    "SSN 552 31 8861",
    "NI number ME 04 52 36 C",
)


@pytest.mark.parametrize("said", NAMED)
@pytest.mark.parametrize("form", ["{}", '{{"value": "{}', "| {}"])
async def test_a_number_with_its_name_may_be_cut_by_a_stop_sequence_anywhere_near_its_end(
    said: str, form: str
) -> None:
    for cut in (1, 2):
        text = form.format(said)[:-cut]

        verdict = await GUARD.async_inspect(text, "output", context())
        pieces = StreamGuard[str](GUARD, context()).async_filter(slowly(list(text)))

        assert said[-8:-cut] not in verdict.text, text
        assert "".join([piece async for piece in pieces]) == verdict.text


@pytest.mark.parametrize(
    "text",
    [
        "Your order number is 412345678901",
        "Reference 4111 1111 1111",
        "The account is 12345678",
        "It was on 2024-05-01",
        "The balance is 4,500,000",
        "It costs EUR 4500",
        "Version 5.2.1",
        "The fin of flight AB 1234",
        "Pan the camera to 12 34 and 5",
        "The social security office is in room 12",
        "Model NX-2021-300",
        "Invoice 3600-1200-55",
        "meet me @ noon",
        "Our BIC starts with DE",
        "The card costs 4 1 2",
        "Your BSN is on the card of 2024-05-01",
        "The years 2019 2020 2021",
        "Write to us about sk-learn",
        "The sum of all payments in 2025 is 1710510619.",
        "It was logged at 1770435810871",
        "- card: 35474\n- transfer: 25965\n- direct debit: 43728\n- online: 15348\n- atm: 2810",
        "channel | transactions\ncard | 4111\ntransfer | 1111\nonline | 1111\natm | 111",
    ],
)
async def test_honest_ends_stay(text: str) -> None:
    verdict = await GUARD.async_inspect(text, "output", context())

    assert verdict.text == text


async def test_what_stands_before_the_end_is_not_cut() -> None:
    text = "The numbers 4111 1111 1111 11 and 078-05-11 are too short."

    assert (await CutShortCheck("redact", "redact").async_scan(text, "output")).findings == ()


async def test_each_of_several_texts_may_end_too_soon() -> None:
    gate = Gate(GUARD, context())

    assert await gate.release_all(["card 4111 1111 1111 11", "fine", "key AKIAIOSFODNN7EX"]) == [
        "card <CREDIT_CARD>",
        "fine",
        "key <SECRET>",
    ]


async def test_the_callers_own_address_at_the_end_comes_back() -> None:
    placeholders = Placeholders(context())
    gate = Gate(GUARD, context(), placeholders=placeholders)
    await gate.admit_all(["write to anna@example.com"])

    (text,) = await gate.release_all(["We write to anna@example.com"])

    assert placeholders.restore(text) == "We write to anna@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "TFN 123 456 782e65 929 970 489",
        "my TFN 65 24111 782K65 ",
        "NIE K929 970 782782124111 12",
        "PESEL \nK165 4111 7824111 ",
        "The PAN is \\u0044JIHQ1124 56",
        "NI number, e65 4111 456 1",
    ],
)
async def test_a_number_with_letters_and_a_name_streams_as_it_is_read_whole(text: str) -> None:
    whole = await GUARD.async_inspect(text, "output", context())

    for size in (1, 3, 7, 50):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        streamed = StreamGuard[str](GUARD, context()).async_filter(slowly(pieces))
        assert "".join([piece async for piece in streamed]) == whole.text
