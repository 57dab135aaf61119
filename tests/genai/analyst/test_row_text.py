import pytest

from genai.analyst.row_text import NOTHING, rows_in_words


@pytest.mark.parametrize(
    ("columns", "row", "said"),
    [
        (["customers"], ["35"], "35 customers."),
        (["branches"], ["1"], "1 branch."),
        (["total_balance_eur"], ["1234.5"], "Total balance: 1234.50 EUR."),
        (["cards_2023", "cards_2024"], ["5", "7"], "Cards 2023: 5; cards 2024: 7."),
        (["cards_2026_05"], ["5"], "Cards 2026-05: 5."),
        (["percent"], ["12.61"], "Share: 12.61 percent."),
        (["average_age_years"], ["48.2"], "Average age: 48.2 years."),
        (["city"], ["Genoa"], "City: Genoa."),
        (["name", "balance_eur"], ["Mia Gallo", "7"], "Name: Mia Gallo; balance: 7.00 EUR."),
        (["closed_on"], ["NULL"], NOTHING),
    ],
)
def test_one_row_is_written_with_its_units(columns: list[str], row: list[str], said: str) -> None:
    assert rows_in_words(columns, [row], cut=False) == said


def test_groups_are_written_with_their_keys() -> None:
    rows = [["retail", "700"], ["premium", "310"]]

    assert rows_in_words(["segment", "customers"], rows, cut=False) == (
        "Customers by segment: retail, 700; premium, 310."
    )


def test_a_truncated_list_has_a_note() -> None:
    rows = [["80001", "car", "active"], ["80002", "car", "NULL"]]

    assert rows_in_words(["loan_id", "kind", "status"], rows, cut=True) == (
        "Loan id, kind, status: 80001, car, active; 80002, car, unknown (and more)."
    )


def test_no_rows_are_no_number() -> None:
    assert rows_in_words(["customers"], [], cut=False) == NOTHING


def test_dates_follow_their_names() -> None:
    rows = [["Altona", "1984-09-17"], ["Molo", "2015-05-11"]]

    assert rows_in_words(["name", "opened_on"], rows, cut=False) == (
        "Altona, opened on 1984-09-17; Molo, opened on 2015-05-11."
    )
