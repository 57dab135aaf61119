import pytest

from genai.safety.names.recognizer import NamesRecognizer

NAMES = NamesRecognizer("", ("PERSON", "ADDRESS"))


@pytest.mark.parametrize(
    "address",
    [
        "17 Church Street, Leeds LS1 4DY",
        "Hauptstraße 12, 10115 Berlin, Germany",
        "48 Rue Victoria\nApt. 12\nLyon 69003",
    ],
)
def test_an_address_ends_behind_its_town_and_its_code(address: str) -> None:
    text = f"I live at {address}."

    assert [text[start:end] for start, end, _ in NAMES.find(text)] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "I want to know why my card was declined.",
        "What are the fees for a transfer abroad?",
        "Cool, where can I find my statements?",
    ],
)
def test_ordinary_questions_name_nobody(text: str) -> None:
    assert list(NAMES.find(text)) == []
