import pytest

from genai.rag.formats.blocks import to_markdown
from genai.rag.formats.refusals import Unreadable
from tests.support.files import encrypted_pdf, pdf, text_at

pytest.importorskip("pdfminer")

from genai.rag.formats.pdf import read_pdf


def markdown(*pages: str) -> str:
    return to_markdown(read_pdf(pdf(*pages)).blocks)


def body(lines: int = 3, *, y: float = 600) -> str:
    return "".join(
        text_at(72, y - 13 * n, f"Plain text number {n} of the body.") for n in range(lines)
    )


def grid(columns: list[float], rows: list[float]) -> str:
    across = "".join(f"{columns[0]} {y} m {columns[-1]} {y} l S\n" for y in rows)
    down = "".join(f"{x} {rows[0]} m {x} {rows[-1]} l S\n" for x in columns)
    return across + down


def test_larger_letters_are_headings_by_their_size() -> None:
    text = markdown(
        text_at(72, 720, "Card fees", size=24) + text_at(72, 650, "Abroad", size=16) + body()
    )

    assert text == (
        "# Card fees\n\n## Abroad\n\nPlain text number 0 of the body. "
        "Plain text number 1 of the body. Plain text number 2 of the body.\n"
    )


def test_a_bold_line_that_stands_alone_is_a_heading() -> None:
    assert markdown(text_at(72, 700, "Replacement", font="F2") + body()).startswith(
        "# Replacement\n\nPlain"
    )


def test_a_word_that_was_cut_is_whole_again_and_bullets_are_items() -> None:
    text = markdown(
        text_at(72, 700, "A replace-")
        + text_at(72, 687, "ment is sent.")
        + text_at(72, 640, "\u2022 by post")
        + text_at(72, 627, "\u2022 by courier")
    )

    assert text == "A replacement is sent.\n\n- by post\n- by courier\n"


def test_a_ruled_table_is_a_table_where_it_stands() -> None:
    cells = [
        text_at(80, 685, "Card"),
        text_at(210, 685, "Fee abroad"),
        text_at(80, 665, "Gold"),
        text_at(210, 665, "4 euros"),
    ]
    table = grid([72, 200, 330], [700, 680, 660])

    text = markdown(
        text_at(72, 740, "Before.") + table + "".join(cells) + text_at(72, 600, "After.")
    )

    assert text == "Before.\n\n| Card | Fee abroad |\n| --- | --- |\n| Gold | 4 euros |\n\nAfter.\n"


def test_aligned_columns_without_lines_are_a_table() -> None:
    rows = [("Item", "2023", "2024"), ("Revenue", "10", "12"), ("Costs", "7", "9")]
    drawn = "".join(
        text_at(x, 700 - 15 * n, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((72, 300, 400), row, strict=True)
    )

    text = markdown(drawn + body(y=560))

    assert text.startswith(
        "| Item | 2023 | 2024 |\n| --- | --- | --- |\n| Revenue | 10 | 12 |\n| Costs | 7 | 9 |\n"
    )


def test_two_columns_of_prose_are_read_one_after_the_other() -> None:
    left = [text_at(72, 700 - 13 * n, f"The left column says line {n} of it.") for n in range(4)]
    right = [text_at(320, 700 - 13 * n, f"The right column says line {n} of it.") for n in range(4)]

    text = markdown("".join([part for pair in zip(left, right, strict=True) for part in pair]))

    assert "|" not in text
    assert text.index("left column says line 3") < text.index("right column says line 0")


def test_titles_that_every_page_repeats_are_left_out() -> None:
    pages = [
        text_at(72, 770, "Terms and conditions") + body() + text_at(300, 20, f"Page {n}")
        for n in range(3)
    ]

    text = markdown(*pages)

    assert "Terms" not in text
    assert "Page" not in text
    assert text.count("number 0") == 3


@pytest.mark.parametrize(
    "hidden",
    [
        text_at(72, 500, "HIDE", how="3 Tr"),
        text_at(72, 500, "HIDE", how="1 g"),
        text_at(72, 500, "HIDE", how="1 1 1 rg"),
        text_at(72, 500, "HIDE", how="0 0 0 0 k"),
        text_at(72, 500, "HIDE", size=1),
        text_at(72, -50, "HIDE"),
        text_at(900, 500, "HIDE"),
    ],
)
def test_letters_that_the_page_does_not_show_are_left_out(hidden: str) -> None:
    text = markdown(body() + hidden)

    assert "HIDE" not in text
    assert "number 2" in text


def test_white_letters_on_a_painted_ground_are_read() -> None:
    ground = "0.1 0.2 0.4 rg 60 490 200 30 re f\n"

    assert "SHOWN" in markdown(body() + ground + text_at(72, 500, "SHOWN", how="1 g"))


def test_the_invisible_text_of_a_scanned_page_is_read() -> None:
    scan = "q 612 0 0 792 0 0 cm /I1 Do Q\n" + text_at(72, 500, "Scanned text.", how="3 Tr")

    assert markdown(scan) == "Scanned text.\n"


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_pdf(data)
    return caught.value.reason


def test_what_cannot_be_read_is_refused_with_its_reason() -> None:
    assert refusal(b"no pdf") == "broken"
    assert refusal(b"%PDF-1.7\nnothing") == "broken"
    assert refusal(encrypted_pdf()) == "encrypted"
