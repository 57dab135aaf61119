"""Numbers here are test numbers of the networks, or made up."""

import base64
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genai.safety.retelling.detector import DisguiseDetector
from genai.safety.retelling.forms import Datum
from genai.safety.retelling.known import KnownData
from tests.genai.safety.test_stream import chunk

CARD = Datum("CREDIT_CARD", "4532 0151 1283 0366")
IBAN = Datum("IBAN_CODE", "DE89 3704 0044 0532 0130 00")
MAIL = Datum("EMAIL_ADDRESS", "anna.svensson@mail.example")
KNOWN = KnownData([CARD, IBAN, MAIL, Datum("PHONE_NUMBER", "+46 70 174 06 05")])


def read(text: str, size: int = 1_000_000, known: KnownData = KNOWN) -> tuple[str, list[str]]:
    watch = DisguiseDetector(known)
    parts = [watch.feed(part) for part in chunk(text, [size])]
    return "".join([*parts, watch.rest()]), [datum.entity for datum in watch.disclosed]


DISGUISES = {
    "items": ("CREDIT_CARD", '["45", "32", "0151", "12", "830366"]'),
    "single items": ("IBAN_CODE", json.dumps(list("DE89370400440532013000"))),
    "fields": ("EMAIL_ADDRESS", '{"user": "anna.svensson", "domain": "mail", "top": "example"}'),
    "signs in words": ("EMAIL_ADDRESS", "anna dot svensson at mail dot example"),
    "reversed": ("CREDIT_CARD", "6630 3821 1510 2354"),
    "base64": ("IBAN_CODE", base64.b64encode(f"it is {IBAN.text}, yes".encode()).decode()),
    "base32": ("CREDIT_CARD", base64.b32encode(CARD.text.encode()).decode()),
    "hexadecimal": ("CREDIT_CARD", CARD.text.encode().hex(" ")),
    "bytes": ("CREDIT_CARD", ", ".join(hex(byte) for byte in CARD.text.encode())),
    "codes": ("IBAN_CODE", str(list(IBAN.text.encode()))),
    "rot13": ("EMAIL_ADDRESS", "naan.firaffba@znvy.rknzcyr"),
    "words": ("CREDIT_CARD", "four five three two oh one five one 1 2 eight three zero three six six"),
    "German words": ("CREDIT_CARD", "fünfundvierzig, zweiunddreißig, 01 einundfünfzig zwölf 83 03 6 6"),
    "French words": ("CREDIT_CARD", "quarante-cinq, 32, zéro un cinquante et un, 12, quatre-vingt-trois 036"),
    "Spanish words": ("CREDIT_CARD", "cuarenta y cinco, 32, cero quince 11 veintiocho 30 366"),
    "Italian words": ("CREDIT_CARD", "quarantacinque trentadue zero uno cinque 1 1 due otto 30 366"),
    "counted": ("CREDIT_CARD", "four five three two 0 1 five double one two 83 03 double six"),
    "numbered lines": ("CREDIT_CARD", "1. 4532\n2. 0151\n3. 1283\n4. 0366"),
    "wide digits": ("CREDIT_CARD", "\uff14\uff15\uff13\uff12 a \uff10\uff11\uff15\uff11 b 1283 c 0366"),
    "zero width": ("IBAN_CODE", "\u200b".join(IBAN.text)),
    "escapes": ("CREDIT_CARD", r"\u0034532, \u0030151, \x31283, 0366"),
    "all but its end": ("CREDIT_CARD", "4532, then 0151, then 1283, then 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_known_data_is_taken_out_however_it_is_told(name: str, size: int) -> None:
    kind, said = DISGUISES[name]

    shown, told = read(f"Here you are: {said}. Have a nice day.", size)

    assert told == [kind]
    assert f"<{kind}>" in shown
    assert shown.startswith("Here you are: ")
    assert shown.endswith("Have a nice day.")


@pytest.mark.parametrize(
    "text",
    [
        "The card ending in 0366 was blocked, the one with 4532 **** **** 0366 on it.",
        "Four of one hundred customers have one card, eleven have two.",
        "| 45 | 32.00 | 2024-11-28 | 0366 |",
        "Mail for Anna Svensson goes to the branch; our example is another one.",
        "Your IBAN begins with DE89, and the bank code is 3704 0044.",
        '{"a": 4532, "b": 250000, "c": 151, "d": 1283, "e": 366}',
        "a b c d e f 4 one 46 70",
    ],
)
def test_honest_answers_stay_as_they_are(text: str) -> None:
    assert read(text, 3) == (text, [])


@pytest.mark.parametrize("text", [CARD.text, "4532015112830366", "(DE89370400440532013000)"])
def test_what_is_told_as_it_is_is_left_to_the_checks_of_answers(text: str) -> None:
    assert read(text) == (text, [])


def test_between_the_pieces_stays_what_stands_there() -> None:
    shown, _ = read('{"a": "4532 0151", "b": "1283 0366"}')

    assert list(json.loads(shown)) == ["a", "b"]


def test_an_address_of_an_office_is_no_secret() -> None:
    known = KnownData([Datum("EMAIL_ADDRESS", "info@bank.example")])

    assert read("For more info visit bank.example today.", known=known)[1] == []


def test_without_known_data_nothing_waits() -> None:
    assert DisguiseDetector(KnownData(())).feed("unfinish") == "unfinish"


def test_only_what_may_become_known_data_waits() -> None:
    watch = DisguiseDetector(KNOWN)

    shown = [watch.feed(part) for part in ("The fee", " is 4", ".90 EUR and", " more of it then")]

    assert shown == ["The ", "fee is ", "", "4.90 EUR and more of it "]


PIECES = [*(said for _, said in DISGUISES.values()), CARD.text, "4532", "0151", "four ", "five ", "DE89",
          " ", ", ", "\n", "\\", "u0034", "forty", "quatre-vingt", "-dix", "double ", "x" * 700,
          '", "b": "']  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.integers(1, 30))
@example("4532 0151 1283 0" + " " * 60 + "1", 1)
def test_a_stream_shows_what_the_whole_text_would_show(text: str, size: int) -> None:
    assert read(text, size) == read(text)
