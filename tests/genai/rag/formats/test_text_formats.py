import pytest

from genai.rag.formats.blocks import Item, Paragraph, Table, to_markdown
from genai.rag.formats.delimited import read_delimited
from genai.rag.formats.media_types import DOCX, media_type_of
from genai.rag.formats.plain import read_plain
from genai.rag.formats.refusals import Unreadable


@pytest.mark.parametrize(
    "data", [b"a;b\n1;x\n2;y\n", b"a\tb\n1\tx\n2\ty\n", b"\xef\xbb\xbfa,b\r\n1,x\r\n2,y"]
)
def test_values_are_one_table_whatever_separates_them(data: bytes) -> None:
    assert read_delimited(data).blocks == (Table((("a", "b"), ("1", "x"), ("2", "y"))),)


def test_cells_cannot_break_out_of_their_table() -> None:
    text = to_markdown(read_delimited(b'a,b\n"1\n<!-- x -->","p|q\\"\n').blocks)

    assert text == "| a | b |\n| --- | --- |\n| 1 <!-- x --> | p\\|q\\\\ |\n"


def test_rows_of_different_lengths_are_filled_up() -> None:
    assert (
        to_markdown([Table((("a",), ("1", "2"), ("", "")))])
        == "| a |  |\n| --- | --- |\n| 1 | 2 |\n"
    )


@pytest.mark.parametrize("text", ["Grüße", "naïve"])
def test_text_is_read_in_its_encoding(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert read_plain(text.encode(encoding)).blocks == (Paragraph(text),)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_plain(b"\x00\x01\x02binary")


def test_items_of_a_list_stand_together() -> None:
    text = to_markdown([Paragraph("Both:"), Item("one"), Item("two\nlines", 1), Paragraph("End.")])

    assert text == "Both:\n\n- one\n  - two\n    lines\n\nEnd.\n"


@pytest.mark.parametrize(
    ("declared", "name", "known"),
    [
        ("application/pdf", "", "application/pdf"),
        ("text/html; charset=utf-8", "", "text/html"),
        ("application/octet-stream", "a.DOCX", DOCX),
        ("text/plain", "notes.md", "text/markdown"),
        ("", "table.tsv", "text/csv"),
        ("image/png", "a.png", None),
        ("", "", None),
    ],
)
def test_a_format_is_known_by_its_media_type_or_its_name(
    declared: str, name: str, known: str | None
) -> None:
    assert media_type_of(declared, name) == known
