from benchmarks.safety.__main__ import main
from benchmarks.safety.table import Table, percent


def test_a_table_is_markdown() -> None:
    table = Table("Title", ("a", "b"), [("1", "2")], notes="Note.")

    assert table.markdown() == "### Title\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nNote.\n"


def test_shares_are_percentages() -> None:
    assert percent(0.1234) == "12.3 %"


def test_without_data_the_run_says_so() -> None:
    assert main(["--data", "/nowhere"]) == 1
