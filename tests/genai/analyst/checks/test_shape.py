import pytest

from genai.analyst.checks.shape import shaped

TODAY = "2026-06-30"


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        (
            "How big is the mortgage book?",
            "SELECT ROUND(MAX(l.outstanding_cents) / 100.0, 2) FROM loans l",
        ),
        ("How big is the mortgage book?", "SELECT l.x FROM loans l ORDER BY l.x DESC LIMIT 1"),
        (
            "groceries in December against November",
            "SELECT SUM(t.x) FROM t t WHERE t.month BETWEEN '2025-12' AND '2025-11'",
        ),
        (
            "Share of each channel in all transactions",
            "SELECT t.channel, 100.0 * SUM(t.channel = 'card') / COUNT(*) FROM t t GROUP BY t.channel",
        ),
        (
            "Share of each channel in all transactions",
            "SELECT t.channel, 100.0 * SUM(t.x > 0) / COUNT(*) FROM t t GROUP BY t.channel",
        ),
        (
            "How many cards expire in the next 3 months?",
            f"SELECT COUNT(*) FROM cards k WHERE k.expires_on >= date('{TODAY}', '-3 months')",
        ),
        (
            "cards that expire in the coming 6 months",
            "SELECT COUNT(*) FROM cards k WHERE k.expires_on LIKE '2026-06%'",
        ),
        (
            "What is the middle limit of cards?",
            "SELECT ROUND(SUM(k.limit_cents) / 100.0, 2) AS total_limit_eur FROM cards k",
        ),
        (
            "payments of at least 2,000 last month",
            "SELECT t.day FROM t t WHERE t.x >= 2000 ORDER BY t.day DESC LIMIT 1",
        ),
        (
            "Bottom 3 shops by payments",
            "SELECT t.shop, COUNT(*) FROM t t GROUP BY t.shop ORDER BY 2 DESC LIMIT 3",
        ),
        (
            "the shop with the most payments",
            "SELECT t.shop, COUNT(*) FROM t t GROUP BY t.shop ORDER BY 2 LIMIT 1",
        ),
        (
            "Which weekday sees the most card payments?",
            "SELECT substr(t.day, 1, 7), COUNT(*) FROM t t GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
        ),
    ],
)
def test_a_query_of_another_shape_is_not_believed(question: str, sql: str) -> None:
    assert not shaped(question, sql)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        (
            "What is the largest mortgage?",
            "SELECT ROUND(MAX(l.outstanding_cents) / 100.0, 2) FROM loans l",
        ),
        ("Who came last?", "SELECT c.name FROM c c ORDER BY c.joined_on DESC LIMIT 1"),
        ("in November and December", "SELECT 1 FROM t t WHERE t.m BETWEEN '2025-11' AND '2025-12'"),
        (
            "Share of card payments by segment",
            "SELECT c.segment, 100.0 * SUM(t.channel = 'card') / COUNT(*) FROM t t GROUP BY c.segment",
        ),
        (
            "cards that expire in the next 3 months",
            f"SELECT COUNT(*) FROM cards k WHERE k.expires_on <= date('{TODAY}', '+3 months')",
        ),
        (
            "Which weekday has the most?",
            "SELECT strftime('%w', t.day), COUNT(*) FROM t t GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
        ),
    ],
)
def test_a_query_of_the_same_shape_is(question: str, sql: str) -> None:
    assert shaped(question, sql)
