from pathlib import Path

import pytest

from genai.analyst.understood import Understanding
from genai.analyst.vocabulary import read_vocabulary

BANK = Path(__file__).parents[3] / "sample_bank"
BANKS = Understanding(read_vocabulary(BANK / "analyst_words.yaml").told)


def test_an_average_over_holders_says_who_is_left_out() -> None:
    average = (
        "SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT l.customer_id), 2) AS loans FROM loans l"
    )

    assert BANKS.understood(average) == "counting no customer without any"
    assert BANKS.understood(f"{average} WHERE l.status = 'late'") == (
        "counting no customer without any, status late"
    )


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
        ("c.birth_date <= (2025 - 65) || '-06-30'", "older than 65"),
        (
            "c.birth_date BETWEEN (2025 - 39) || '-07-01' AND (2026 - 30) || '-06-30'",
            "age 30 to 39",
        ),
        ("strftime('%w', t.booked_at) IN ('0', '6')", "at weekends"),
        ("c.birth_date > (2026 - 18) || '-06-30'", "younger than 18"),
        (
            "julianday(d.closed_on) - julianday(d.opened_on) <= 2 * 7",
            "closed after at most 2 weeks",
        ),
        ("c.city IN ('Nantes', 'Genoa')", "city Nantes or Genoa"),
        (
            "substr(c.joined_on, 1, 10) < date('2026-06-30', '-10 years')",
            "joined on more than 10 years ago",
        ),
        (
            "substr(d.opened_on, 1, 10) > date('2026-06-30', (-7 * 1) || ' days')",
            "opened on in the last 1 week",
        ),
        ("julianday(d.closed_on) - julianday(d.opened_on) > 30", "closed after more than 30 days"),
        ("strftime('%w', t.booked_at) = '1'", "on Mondays"),
        ("t.country <> c.country", "abroad"),
        (
            "k.type = 'debit' AND substr(k.expires_on, 1, 4) <= '2026'",
            "type debit, expires on up to 2026, also those that have expired already",
        ),
        (
            "k.status = 'active' AND k.expires_on < '2027-01-01'",
            "status active, expires on below 2027-01-01",
        ),
        (
            "a.balance_cents > (SELECT AVG(balance_cents) FROM accounts)",
            "balance above the average",
        ),
        (
            "date(l.started_on, '+' || l.term_months || ' months') LIKE '2030%'",
            "ends on 2030",
        ),
        (
            "NOT EXISTS (SELECT 1 FROM cards k JOIN accounts a ON a.account_id = k.account_id"
            " WHERE a.customer_id = c.customer_id AND k.type = 'credit')",
            "without cards (type credit)",
        ),
        (
            "(SELECT COUNT(*) FROM loans l WHERE l.customer_id = c.customer_id) >= 2",
            "number of loans from 2",
        ),
    ],
)
def test_conditions_are_put_into_words(where: str, said: str) -> None:
    sql = f"SELECT COUNT(*) FROM customers c WHERE {where} GROUP BY c.city ORDER BY 2 LIMIT 3"

    assert BANKS.understood(sql) == said


def test_without_words_for_a_condition_the_text_is_empty() -> None:
    sql = "SELECT 1 FROM customers c WHERE EXISTS (SELECT 1 FROM loans l) AND c.city = 'Dublin'"

    assert BANKS.understood(sql) == ""
    assert BANKS.understood("SELECT COUNT(*) FROM customers c") == ""
    assert BANKS.understood("SELECT 1 FROM c WHERE c.birth_date > (2025 - 30) || '-06-30'") == ""
