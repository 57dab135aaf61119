import pytest

from genai.safety.columns import column_of


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("name;Phone;amount\nAnn;", "phone"),
        ("name;phone;amount\nAnn;1;2\nBob;", "phone"),
        ("| Name | Phone |\n|---|---|\n| Ann | ", "phone"),
        ("phone\tamount\n", ""),
        ("name,1234,amount\nAnn,", ""),
        ("Phone numbers:\nAnn,", ""),
        ("Ann, ", ""),
        ("", ""),
    ],
)
def test_the_first_line_of_a_table_names_its_columns(text: str, head: str) -> None:
    assert column_of(text + "022", len(text), 0) == head


def test_what_stands_before_is_not_read() -> None:
    text = "name;phone\nAnn;022"

    assert column_of(text, len(text) - 3, text.index("ne\n")) == ""
