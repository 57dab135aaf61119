import pytest

pytest.importorskip("presidio_analyzer")

from genai.safety.identifiers import IDENTIFIERS
from genai.safety.pii import IdentifierRecognizer, presidio_recognizers

TEXT = "Card 4111 1111 1111 1111, mail anna@example.com, call +46 70 174 06 05."


def test_presidio_finds_what_the_identifiers_find() -> None:
    for recognizer in presidio_recognizers(tuple(IDENTIFIERS)):
        expected = set(IDENTIFIERS[recognizer.entity].find(TEXT))
        assert set(recognizer.find(TEXT)) == expected


def test_a_recognizer_answers_only_for_its_own_entity() -> None:
    recognizer = IdentifierRecognizer(IDENTIFIERS["EMAIL_ADDRESS"])

    assert recognizer.analyze(TEXT, ["CREDIT_CARD"]) == []
    (result,) = recognizer.analyze(TEXT, ["EMAIL_ADDRESS"])
    assert TEXT[result.start : result.end] == "anna@example.com"


def test_an_unknown_entity_is_refused() -> None:
    with pytest.raises(KeyError):
        presidio_recognizers(["SHOE_SIZE"])
