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
