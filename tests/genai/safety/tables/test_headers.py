import pytest

from genai.safety.tables.headers import cell_at, context_spans
from genai.safety.tables.rows import LONGEST_HEADER, LONGEST_ROW

WIDE = "id;order;date;status;branch;amount;currency;ssn;agent;comment\n"
ROW = "1;A-77;2026-03-04;open;Leeds North;99.50;EUR;"


def header(text: str) -> str:
    cell = cell_at(text, text.rindex("777"))
    return cell.header if cell else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("name;Phone;amount\nAnn;777;2", "Phone"),
        ("name;phone;amount\nAnn;1;2\nBob;777", "phone"),
        (WIDE + 40 * (ROW + "0;Kim;\n") + ROW + "777", "ssn"),
        ("| Name | Phone |\n|---|---|\n| Ann | 777 |", "Phone"),
        ('"name","tax id"\n"Lee, Ann","777"', "tax id"),
        (" name | ssn \n------+-----\n Ann  | 777", "ssn"),
        ("+------+-----+\n| name | ssn |\n+------+-----+\n| Ann  | 777 |", "ssn"),
        ("Here it is:\n\nname\tssn\nAnn\t777", "ssn"),
        ("Hi all, please check these records:\nname,ssn,city\nAnn,777,Leeds", "ssn"),
        ("Name      SSN      Amount\nAnn Lee   777      9.50", "SSN"),
        ("Name         Amount\nAnn Lee   777777777", "Amount"),
        ("INSERT INTO clients (name, ssn) VALUES ('Lee, A. (Ms)', '777')", "ssn"),
        ("INSERT INTO clients (name, ssn) VALUES ('A', '1'), ('B', '777')", "ssn"),
        ('{"columns": ["name", "ssn"], "rows": [["Ann", "1"], ["Lee, B (Mr)", "777"]]}', "ssn"),
        ("<table><tr><th>Name</th><th>SSN</th></tr><tr><td>Ann</td><td>777</td></tr>", "SSN"),
        ("<table>\n<tr>\n<td>Name</td>\n<td>SSN</td></tr>\n<tr>\n<td>A</td>\n<td>777", "SSN"),
    ],
)
def test_the_header_of_a_cell_is_in_the_first_row_of_its_table(text: str, name: str) -> None:
    assert header(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "phone\tamount 777\n",
        "name,1234,amount\nAnn,777,2",
        "Phone numbers:\nAnn,777",
        "Ann, 777",
        "name;phone\nAnn;1\n\nBob;777",
        "Dear Ann,\nmy number, which you asked for, is 777",
        "Please send the card to my new home, if you can\nthe old one, 777, is void",
        "<tr><th>SSN</th><td>777</td></tr>",
        "(see page, note) and then (Ann, 777)",
        "x" * LONGEST_HEADER + ";ssn\nAnn;777",
        "name;ssn\n" + "x" * LONGEST_ROW + ";777",
        "name;ssn\n" + "x" * LONGEST_ROW + ";1\nAnn;777",
    ],
)
def test_without_a_header_row_a_value_has_no_header(text: str) -> None:
    assert not header(text)


def test_the_row_of_a_cell_begins_at_its_line_bracket_or_tag() -> None:
    lines = "name;ssn\nAnn;777"
    lists = "(name, ssn) VALUES (1, 777)"
    markup = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>777"

    rows = [cell_at(text, text.index("777")) for text in (lines, lists, markup)]

    assert [cell and cell.row for cell in rows] == [
        lines.index("Ann"), lists.index("(1"), markup.index("<tr><td>"),
    ]  # fmt: skip


def test_what_follows_a_value_does_not_change_its_header() -> None:
    text = "name;ssn;city\nAnn;777"

    assert all(
        header(text + after) == "ssn" for after in ("", ";x\n", "\n\n", " is odd, I think\n")
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (WIDE + 9 * (ROW + "0;Kim;\n") + ROW, WIDE + ROW),
        (WIDE + 9 * (ROW + "0;Kim;\n"), WIDE + ROW + "0;Kim;\n"),
        ("The answer: 77.\n" * 9 + "name;ssn;city;ph", "name;ssn;city;ph"),
        (
            "INSERT INTO t (name, ssn) VALUES ('Ann', '11111'), ('Bob', '2",
            "(name, ssn) VALUES ('Bob', '2",
        ),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr><tr><td>3",
            "<table><tr><th>A</th><th>B</th></tr><tr><td>3",
        ),
        ("We thank you for your patience with us. " * 3, "us. "),
    ],
)
def test_the_context_of_what_follows_has_the_open_header_and_row(text: str, kept: str) -> None:
    spans = context_spans(text, 4)

    assert "".join(text[start:end] for start, end in spans) == kept


@pytest.mark.parametrize("length", [5, 20, 64])
def test_in_its_context_a_value_has_the_header_that_it_has_in_the_whole_text(length: int) -> None:
    before = "Dear Bob, Ann,\norder: 12, name, city, zip\n" + WIDE + 5 * (ROW + "0;Kim;\n")
    tables = (
        before + ROW + "777",
        before.replace(";", ",") + ROW.replace(";", ",") + "777",
        "a: 1, b, c, d, e, f, g, h\nname, city, ssn, 777",
        "[1, 2], [3, 4], [5, 6], (name, ssn), (Ann, 12), (Bob, 777",
    )
    for text in tables:
        for cut in range(len(text) - 3):
            spans = context_spans(text[:cut], length)
            near = "".join(text[start:end] for start, end in spans) + text[cut:]

            assert header(near) == header(text), (cut, near)
