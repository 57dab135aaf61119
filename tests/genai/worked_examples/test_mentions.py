from pathlib import Path

import pytest

from genai.worked_examples.library import read_library
from genai.worked_examples.mentions import Extractor, Mention

EXTRACTOR = Extractor(read_library(Path(__file__).with_name("library.yaml")))


def found(text: str) -> list[tuple[str, object]]:
    """The covered text and the readings of each mention."""
    return [(text[m.start : m.end], m.kinds) for m in EXTRACTOR.find(text)]


def only(text: str) -> Mention:
    [mention] = EXTRACTOR.find(text)
    return mention


def test_a_value_is_found_in_any_case_and_not_within_a_word() -> None:
    assert found("accounts in LISBON") == [("LISBON", {"city": "Lisbon"})]
    assert found("accounts of the lisbonners") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [("business accounts", "account_type"), ("business customers", "segment")],
)
def test_the_noun_that_follows_tells_which_value_is_meant(text: str, kind: str) -> None:
    mention = only(text)

    assert mention.kinds == {kind: "business"}
    assert mention.headed


def test_without_its_noun_a_value_has_all_its_readings() -> None:
    mention = only("those of business")

    assert mention.kinds.keys() == {"account_type", "segment"}
    assert not mention.headed


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("balance of Mia Gallo", "Mia Gallo"),
        ("customer Mia Gallo", "customer Mia Gallo"),
        ("the client  Mia Gallo", "client  Mia Gallo"),
        ("Mia Gallo's balance", "Mia Gallo's"),
    ],
)
def test_a_name_is_mentioned_together_with_what_only_introduces_it(text: str, covered: str) -> None:
    mention = only(text)

    assert text[mention.start : mention.end] == covered
    assert (mention.kinds, mention.text) == ({"customer": "Mia Gallo"}, "Mia Gallo")


@pytest.mark.parametrize("text", ["Are There", "in January May", "Of What"])
def test_capitalised_words_with_a_meaning_are_no_name(text: str) -> None:
    assert "customer" not in {kind for _, kinds in found(text) for kind in kinds}  # type: ignore[attr-defined]


def test_mentions_come_in_the_order_of_the_text() -> None:
    text = "Did Mia Gallo of Genoa have over 65 euros in Lisbon?"

    starts = [mention.start for mention in EXTRACTOR.find(text)]

    assert starts == sorted(starts)
    assert len(starts) >= 4
