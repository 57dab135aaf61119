import pytest

from genai.messages import Passage
from genai.rag.passages.units import split_units


def passage(text: str, lead: str = "", section: str = "Cards > Fees") -> Passage:
    return Passage(document_id="d", title="Cards", text=text, section=section, lead=lead)


def test_a_paragraph_is_split_into_sentences_with_their_heading() -> None:
    first, second = split_units(passage("The **fee** is 5 euros. It is monthly."))

    assert (first.quote, first.text) == ("The **fee** is 5 euros.", "The fee is 5 euros.")
    assert second.embedded == "Fees: It is monthly."


def test_a_row_is_read_with_the_names_of_its_columns_and_quoted_as_it_stands() -> None:
    (row,) = split_units(passage("| Card | Fee |\n|---|---|\n| Gold | 95 euros |"))

    assert row.quote == "| Gold | 95 euros |"
    assert row.text == "Card: Gold; Fee: 95 euros"


def test_rows_that_were_cut_off_from_their_header_are_read_with_it() -> None:
    (row,) = split_units(passage("| Gold | 95 |", lead="Fees:\n| Card | Fee |\n|---|---|"))

    assert row.text == "Card: Gold; Fee: 95"


def test_an_item_carries_the_line_that_introduces_its_list() -> None:
    _, item = split_units(passage("You need:\n\n- a passport"))

    assert item.quote == "- a passport"
    assert item.embedded == "Fees: You need: a passport"


def test_a_long_item_is_quoted_by_the_sentence() -> None:
    item = "- " + " ".join(f"Sentence number {number} is here." for number in range(20))

    assert len(split_units(passage(item))) == 20


def test_every_quote_stands_word_for_word_in_the_passage() -> None:
    text = "One. Two!\n\n- a\n  b\n- c\n\n| x | y |\n|---|---|\n| 1 |\n\n```\ncode\n```"

    assert all(unit.quote in text for unit in split_units(passage(text)))


def test_an_item_knows_what_its_list_opens_with() -> None:
    _, item = split_units(passage("You need:\n\n- a passport"))

    assert item.opening == "You need"


@pytest.mark.parametrize(
    ("section", "opening"),
    [
        ("What an attorney may not do", "What an attorney may not do"),
        ("What we never ask for", "What we never ask for"),
        ("Applying for a card", ""),
    ],
)
def test_an_item_below_a_heading_that_says_no_must_not_be_said_without_it(
    section: str, opening: str
) -> None:
    document = Passage(document_id="d", title="T", text="- take loans", section=section)

    [item] = split_units(document)

    assert (item.text, item.opening) == ("take loans", opening)
