from genai.tools.database import MAX_TEXT, Rows, as_text


def test_a_long_result_is_truncated_after_a_whole_row_with_a_note() -> None:
    rows = Rows(("x",), tuple(("y" * 150,) for _ in range(100)))

    text = rows.text()

    assert len(text) < MAX_TEXT + 100
    assert text.endswith("there are more)")
    assert set(map(len, text.split("\n")[1:-1])) == {150}


def test_an_empty_result_is_reported() -> None:
    assert Rows(("x",), ()).text() == "x\n(0 rows)"


def test_values_keep_their_digits() -> None:
    assert [as_text(value) for value in (None, 1, 0.1, 1234.5, "a\nb")] == [
        "NULL",
        "1",
        "0.1",
        "1234.5",
        "a b",
    ]
