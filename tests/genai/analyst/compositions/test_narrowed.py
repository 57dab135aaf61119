from genai.analyst.compositions.narrowed import narrowed


def test_a_first_condition_and_one_more_are_added() -> None:
    first = narrowed("SELECT COUNT(*) FROM cards c", "c.status = 'active'")

    assert first == "SELECT COUNT(*) FROM cards c WHERE c.status = 'active'"
    assert narrowed(first, "c.type = 'debit'") == f"{first} AND c.type = 'debit'"
