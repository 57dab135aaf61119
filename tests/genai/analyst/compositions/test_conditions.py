from genai.analyst.compositions.conditions import with_condition


def test_a_first_condition_and_one_more_are_added() -> None:
    first = with_condition("SELECT COUNT(*) FROM cards c", "c.status = 'active'")

    assert first == "SELECT COUNT(*) FROM cards c WHERE c.status = 'active'"
    assert with_condition(first, "c.type = 'debit'") == f"{first} AND c.type = 'debit'"
