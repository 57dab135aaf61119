import pytest

from genai.analyst import vocabulary
from genai.analyst.checks.relations import Relations
from genai.analyst.vocabulary import Known

KNOWN = Relations(
    Known.model_validate(
        {
            "things": [r"club \d+"],
            "who": [{"asked": r"^who (?:owns|has)\b", "read": "name"}],
            "when": [{"asked": "found", "read": "founded_on"}],
            "where": [{"asked": "based", "read": "city"}],
        }
    )
)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("Who closed club 7?", "SELECT name FROM members"),
        ("By whom was club 7 closed?", "SELECT name FROM members"),
        ("When was club 7 closed?", "SELECT founded_on FROM clubs"),
        ("When was club 7 founded?", "SELECT renewed_on FROM clubs"),
        ("And when did it close?", "SELECT founded_on FROM clubs"),
        ("Where does member 7 work?", "SELECT city FROM members"),
    ],
)
def test_what_the_database_lacks_is_not_replaced(question: str, sql: str) -> None:
    assert not KNOWN.knows(question, sql)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("Who owns club 7?", "SELECT name FROM members"),
        ("Who runs the fastest?", "SELECT name FROM members"),
        ("When was club 7 founded?", "SELECT founded_on FROM clubs"),
        ("Where is club 7 based?", "SELECT city FROM clubs"),
        ("When it comes to clubs, how big are they?", "SELECT size FROM clubs"),
        ("When was the interest highest?", "SELECT month FROM sales GROUP BY month"),
        ("How many clubs were closed?", "SELECT COUNT(*) FROM clubs"),
    ],
)
def test_what_it_holds_is_asked_for(question: str, sql: str) -> None:
    assert KNOWN.knows(question, sql)


def test_without_known_relations_nothing_is_checked() -> None:
    assert Relations(vocabulary.Known()).knows("When was club 7 closed?", "SELECT 1")
