import pytest

from genai.safety.number_names import names_phone, names_thing


@pytest.mark.parametrize(
    "word",
    ["phone", "telefonnummer", "téléphone", "móvil", "puhelin", "tel", "телефон", "私の電話番号"],
)
def test_words_for_telephones_are_known(word: str) -> None:
    assert names_phone(word)


@pytest.mark.parametrize("word", ["account", "tell", "television", "order", "番号", "celebration"])
def test_other_words_are_not_for_telephones(word: str) -> None:
    assert not names_phone(word)


def test_the_last_word_of_the_line_says_whether_it_is_the_number_of_a_thing() -> None:
    assert names_thing("the order ")
    assert names_thing("my id, Bestellnummer ")
    assert not names_thing("my order and my tax id ")
    assert not names_thing("ticket\nhere it is: ")


@pytest.mark.parametrize(
    "before", ["order 97423-674; ", "ref 2026/118: number ", "ticket #70, me: "]
)
def test_a_thing_that_has_its_number_says_nothing_of_the_next(before: str) -> None:
    assert not names_thing(before)


@pytest.mark.parametrize("before", ["order no. ", "parcel 00 340 434 ", "item 7, ", "transaction "])
def test_a_thing_without_its_whole_number_says_what_follows(before: str) -> None:
    assert names_thing(before)
