import pytest

from genai.analyst.understood import understood


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("c.city = 'Dublin'", "city Dublin"),
        (
            "c.segment <> 'retail' AND c.joined_on LIKE '2025%'",
            "segment not retail, joined on 2025",
        ),
        ("a.balance_cents > 2001 * 1000 * 100", "balance above 2001000 EUR"),
        ("l.rate_percent <= 4.5", "rate percent up to 4.5"),
        ("LOWER(c.name) = TRIM(' mia gallo')", "name Mia Gallo"),
        ("t.amount_cents < 0 AND t.category = 'travel'", "money out, category travel"),
        (
            "substr(t.booked_at, 1, 7) BETWEEN '2026-01' AND '2026-03' AND t.channel = 'card'",
            "booked at 2026-01 to 2026-03, channel card",
        ),
        ("a.balance_cents BETWEEN 5 * 100 AND 7 * 100", "balance 5 EUR to 7 EUR"),
    ],
)
def test_conditions_are_told(where: str, said: str) -> None:
    sql = f"SELECT COUNT(*) FROM customers c WHERE {where} GROUP BY c.city ORDER BY 2 LIMIT 3"

    assert understood(sql) == said


def test_nothing_is_told_when_a_condition_has_no_words() -> None:
    sql = "SELECT 1 FROM customers c WHERE EXISTS (SELECT 1 FROM loans l) AND c.city = 'Dublin'"

    assert understood(sql) == ""
    assert understood("SELECT COUNT(*) FROM customers c") == ""
