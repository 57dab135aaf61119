import pytest

from genai.safety.named_after import LONGEST, name_after, name_undecided_from


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12345 is my BSN", "bsn"),
        ("12345) is my BSN, thanks", "bsn"),
        ("12345 ist meine Steuernummer.", "steuernummer"),
        ("12345 è il mio codice", "codice"),
        ("12345 is gone", ""),
        ("12345, my BSN", "bsn"),
        ("12345 the right BSN?", "right bsn"),
        ("12345 as my BSN", "bsn"),
        ("12345 como NIF, gracias", "nif"),
        ("12345 (BSN of my son)", "bsn of my son"),
        ('12345" is my BSN', "bsn"),
        ("12345 BSN", "bsn"),
        ("12345 BSNnummer", ""),
        ("12345 euros", ""),
        ("12345 = BSN nummer", "bsn nummer"),
        ("12345 - BSN", "bsn"),
        ("12345 - BSN: 6", ""),
    ],
)
def test_words_behind_a_number_say_what_it_is(text: str, name: str) -> None:
    assert name_after(text, 5).lower() == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("943 476 5919 op? Det er mit CPR", "cpr"),
        ("943 476 5919, that's her NHS no.", "nhs no"),
        ("943 476 5919, c'est le NIR", "nir"),
        ("943 476 5919. It is my NHS number", "nhs number"),
        ("943 476 5919 is the NHS number", "nhs number"),
        ("943 476 5919 a valid NHS no?", "valid nhs no"),
        ('943 476 5919", "idType": "nhs"', "nhs"),
        ("943 476 5919&field=nhs_no", "nhs_no"),
        ("943 476 5919;NHS number", "nhs number"),
        ("943 476 5919', 'nhs')", "nhs"),
        ('943 476 5919">NHS</option>', "nhs"),
        ("943 476 5919;NHS (new)", ""),
        ("943 476 5919 for them both, it is my BSN", ""),
        ("1234567FA, it is my PPS no.", "pps no"),
    ],
)
def test_another_sentence_may_say_what_a_long_number_is(text: str, name: str) -> None:
    end = text.index("5919") + 4 if "5919" in text else 9

    assert name_after(text, end).lower() == name
    for until in range(end + 1, text.lower().rindex(name) + len(name) + 1 if name else 0):
        assert name_undecided_from(text[:until]) <= end


@pytest.mark.parametrize(
    "text",
    [
        "12345 is my",
        "12345) ist mein",
        "12345 es mi número de",
        "12345 as my tax id",
        "12345 como nif",
        "12345 (tax id",
        "12345* BSN",
    ],
)
def test_every_beginning_of_such_words_may_still_say_it(text: str) -> None:
    for end in range(text.index(" ") + 1, len(text) + 1):
        assert text[name_undecided_from(text[:end]) - 1] in "5)*"


@pytest.mark.parametrize(
    "text",
    [
        "12345 is gone",
        "it is my",
        "12345 is my number. ",
        "12345",
        "in 2024 as",
        "12345 EUR a",
        "12345 (a) ",
    ],
)
def test_nothing_waits_for_what_cannot_say_it_any_more(text: str) -> None:
    assert name_undecided_from(text) == len(text)


def test_what_may_say_it_is_bounded() -> None:
    text = "12345 is my " + "x" * 100

    assert name_undecided_from(text[:30]) == 5
    assert name_undecided_from(text) == len(text)
    assert LONGEST >= 40
