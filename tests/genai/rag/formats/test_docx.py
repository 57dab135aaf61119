import time

import pytest

from genai.rag.formats.blocks import to_markdown
from genai.rag.formats.refusals import Unreadable
from tests.support.files import docx, paragraph, word_table

pytest.importorskip("mammoth")

from genai.rag.formats.docx import MAX_MARKS, MAX_UNPACKED, read_docx


def markdown(body: str, **parts: str) -> str:
    return to_markdown(read_docx(docx(body, **parts)).blocks)


def test_headings_and_tables_keep_their_structure() -> None:
    text = markdown(
        paragraph("Cards", style="Heading1")
        + paragraph("What they cost.")
        + paragraph("Gold", style="Heading2")
        + word_table([["Where", "Fee"], ["abroad", "4 euros"]])
    )

    assert text == (
        "# Cards\n\nWhat they cost.\n\n## Gold\n\n"
        "| Where | Fee |\n| --- | --- |\n| abroad | 4 euros |\n"
    )


@pytest.mark.parametrize(
    "run",
    [
        "<w:vanish/>",
        '<w:vanish w:val="true"/>',
        "<w:webHidden/>",
        '<w:color w:val="FFFFFF"/>',
        '<w:sz w:val="1"/>',
        '<w:rStyle w:val="Ghost"/>',
    ],
)
def test_what_word_does_not_show_is_left_out(run: str) -> None:
    assert markdown(paragraph("Shown.") + paragraph("HIDE", run=run)) == "Shown.\n"


def test_white_text_on_a_painted_cell_is_shown() -> None:
    white = paragraph("Fee", run='<w:color w:val="FFFFFF"/>')
    cell = f'<w:tc><w:tcPr><w:shd w:fill="003366"/></w:tcPr>{white}</w:tc>'
    plain = f"<w:tc>{paragraph('Gold')}</w:tc>"

    assert "Fee" in markdown(f"<w:tbl><w:tr>{cell}{plain}</w:tr></w:tbl>")


def test_a_switch_that_is_off_hides_nothing() -> None:
    assert markdown(paragraph("Shown.", run='<w:vanish w:val="0"/>')) == "Shown.\n"


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_docx(data)
    return caught.value.reason


def test_what_is_no_document_of_word_is_refused() -> None:
    whole = docx(paragraph("text"))

    assert refusal(b"PK\x03\x04 nothing") == "broken"
    assert refusal(whole[: len(whole) // 2]) == "broken"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") == "encrypted"
    assert refusal(docx("<w:p>")) == "broken"


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:p>&b;</w:p>'

    assert refusal(docx("", word_document2_xml=bomb, **{"word_other.xml": bomb})) == "broken"


def test_a_file_that_unpacks_into_too_much_is_refused() -> None:
    huge = "a" * (MAX_UNPACKED + 1)

    assert refusal(docx("", **{"word_big.xml": huge})) == "too_large"


def test_pictures_do_not_count_because_they_are_not_unpacked() -> None:
    picture = "a" * (MAX_UNPACKED + 1)

    assert markdown(paragraph("Shown."), **{"word_media_one.png": picture}) == "Shown.\n"


def test_more_paragraphs_than_can_be_read_in_time_are_refused_before_they_are_read() -> None:
    before = time.process_time()

    assert refusal(docx(paragraph("a") * (MAX_MARKS // 6 + 1))) == "too_large"
    assert time.process_time() - before < 2.0
