import pytest

from sample_bank.training.query import Comparison, from_clause, where

JOINED = "customers c ON c.customer_id = a.customer_id"


@pytest.mark.parametrize(
    ("table", "needed", "clause"),
    [
        ("customers", set(), " FROM customers c"),
        ("accounts", {"a"}, " FROM accounts a"),
        ("loans", {"c"}, " FROM loans l JOIN customers c ON c.customer_id = l.customer_id"),
        (
            "cards",
            {"c"},
            f" FROM cards k JOIN accounts a ON a.account_id = k.account_id JOIN {JOINED}",
        ),
        (
            "disputes",
            {"a"},
            " FROM disputes d JOIN transactions t ON t.transaction_id = d.transaction_id"
            " JOIN accounts a ON a.account_id = t.account_id",
        ),
    ],
)
def test_a_query_joins_what_it_needs(table: str, needed: set[str], clause: str) -> None:
    assert from_clause(table, needed) == clause


def test_conditions_have_one_order_whatever_that_of_the_words() -> None:
    city, segment = (
        Comparison("c", (" c.city = ", "'Lisbon'")),
        Comparison("c", (" c.segment = ", "'retail'")),
    )

    assert where((city, segment)) == where((segment, city))
    assert "".join(where((segment, city))) == " WHERE c.city = 'Lisbon' AND c.segment = 'retail'"
