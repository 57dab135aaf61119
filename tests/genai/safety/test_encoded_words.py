import base64

import pytest

from genai.safety.encoded_words import decoded_words
from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import without


@pytest.mark.parametrize(
    "secret", ["4111111111111111", "anna.lee@example.com", "GB29NWBK60161331926819"]
)
def test_personal_data_in_base64_or_hexadecimal_is_redacted(secret: str) -> None:
    for word in (base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()):
        assert secret not in without(f"Here: {word} (as asked)", [Identifiers()])
        assert word not in without(f"Here: {word} (as asked)", [Identifiers()])


@pytest.mark.parametrize(
    "text",
    [
        "Internationalization of telecommunications",
        "md5 9e107d9d372bb6826bd81d3542a419d6",
        "id 1234567890123456789012, key abcdefghijklmnopqrstuvwxyz",
        "aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert without(text, [Identifiers()]) == text


def test_each_of_many_words_is_decoded_for_itself() -> None:
    words = [
        base64.b64encode(t.encode()).decode()
        for t in ("card 4111111111", "111111 is parts", "+46701740605 me")
    ]

    assert without(" ".join(words), [Identifiers()]) == f"{words[0]} {words[1]} <PHONE_NUMBER>"


def test_a_word_is_decoded_whole() -> None:
    assert list(decoded_words("x aGVsbG8gd29ybGQh y")) == [(2, 18, "hello world!")]
    assert list(decoded_words("x-aGVsbG8gd29ybGQh")) == []
