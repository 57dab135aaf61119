import pytest

from genai.analyst.checks.allowed_values import AllowedValues

ALLOWED = AllowedValues({"k.status": ("blocked", "active"), "k.type": ("debit", "credit")})


@pytest.mark.parametrize(
    "where",
    [
        "k.status = 'credit'",
        "k.status <> 'credit'",
        "k.status IN ('blocked', 'credit')",
        "k.type = 'debit' AND k.type = 'credit'",
        "c.country IN ('Spain', 'Spain')",
        "c.city IN ('debit', 'Rome')",
        "LOWER(c.city) = TRIM(' oslo') AND c.city = 'Rome'",
        "EXISTS (SELECT 1 FROM cards k WHERE k.type = 'debit' AND k.type = 'credit')",
    ],
)
def test_a_query_for_an_impossible_value_is_refused(where: str) -> None:
    assert not ALLOWED.possible(f"SELECT COUNT(*) FROM cards k WHERE {where}")


@pytest.mark.parametrize(
    "where",
    [
        "k.status = 'blocked' AND k.type = 'debit'",
        "k.type IN ('debit', 'credit')",
        "c.city = 'Anywhere'",
        "LOWER(c.city) = TRIM(' rome') AND c.city = 'Rome'",
        "k.type = 'debit' AND NOT EXISTS (SELECT 1 FROM cards k WHERE k.type = 'credit')",
        "(k.type = 'debit' OR k.type = 'credit')",
    ],
)
def test_a_query_for_possible_values_passes(where: str) -> None:
    assert ALLOWED.possible(f"SELECT COUNT(*) FROM cards k WHERE {where}")
