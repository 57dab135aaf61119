import pytest

from genai.rag.passages.markdown import (
    Block,
    TextSpan,
    cells,
    header,
    items,
    parse_blocks,
    plain,
    rows,
    sentences,
)

TEXT = """# Fees

The fee is low.
It is monthly.

| Card | Fee |
|---|---:|
| Gold | 95 |
| Blue | 0 |

You need:
- a passport
- proof of address,
  not older than a year

1. First.

2. Second.

```
# not a heading
```
"""


def quote(text: str, span: TextSpan | Block) -> str:
    return text[span.start : span.end]


def test_a_text_is_parsed_into_its_blocks() -> None:
    kinds = [block.kind for block in parse_blocks(TEXT)]

    assert kinds == ["heading", "paragraph", "table", "paragraph", "list", "code"]


def test_blocks_leave_only_white_space_between_them() -> None:
    position = 0
    for block in parse_blocks(TEXT):
        assert not TEXT[position : block.start].strip()
        position = block.end

    assert not TEXT[position:].strip()


def test_the_rows_of_a_table_come_without_its_header() -> None:
    table = next(block for block in parse_blocks(TEXT) if block.kind == "table")

    assert [quote(TEXT, row) for row in rows(TEXT, table)] == ["| Gold | 95 |", "| Blue | 0 |"]
    assert header(TEXT, table) == "| Card | Fee |\n|---|---:|"


def test_an_item_keeps_the_lines_that_continue_it() -> None:
    block = next(block for block in parse_blocks(TEXT) if block.kind == "list")

    first, second, *_ = [quote(TEXT, item) for item in items(TEXT, block)]

    assert first == "- a passport"
    assert second == "- proof of address,\n  not older than a year"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It costs 1.50 euros. No more.", ["It costs 1.50 euros.", "No more."]),
        ("Banks, e.g. Harbour Bank, ask. You pay.", ["Banks, e.g. Harbour Bank, ask.", "You pay."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("No full stop", ["No full stop"]),
        ("  ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert [quote(text, span) for span in sentences(text, TextSpan(0, len(text)))] == expected


def test_cells_may_hold_an_escaped_bar() -> None:
    assert cells(r"| a \| b | **c** |") == [r"a \| b", "c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Gold** card", "Gold card"),
        ("see [the fees](fees.md)", "see the fees"),
        ("1. Call *us*\n   today", "Call us today"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_plain_text_has_no_marks(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_long_line_of_marks_is_parsed_in_no_time() -> None:
    for text in ("*" * 20_000, "a." * 20_000, "|" * 20_000, "[" * 5_000, "- " * 20_000):
        assert parse_blocks(text)
        plain(text)
        sentences(text, TextSpan(0, len(text)))
