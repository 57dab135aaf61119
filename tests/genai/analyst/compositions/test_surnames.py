import pytest

from genai.analyst.compositions.surnames import surname

COUNT = "SELECT COUNT(*) AS people FROM people c"


@pytest.mark.parametrize(
    ("question", "asked", "test"),
    [
        (
            "How many people share the last name Novak",
            "How many people are there?",
            "LIKE '% Novak'",
        ),
        ("Number of people with the surname Haan", "How many people are there?", "LIKE '% Haan'"),
        (
            "How many people in Rome are called Keller",
            "How many people in Rome are there?",
            "(c.name LIKE '% Keller' OR c.name LIKE 'Keller %')",
        ),
    ],
)
def test_people_of_one_name_are_counted(question: str, asked: str, test: str) -> None:
    found = surname(question, "c.name")

    assert found is not None
    assert found[0] == asked
    assert str(found[1](COUNT)).startswith(f"{COUNT} WHERE ")
    assert str(found[1](COUNT)).endswith(test)
    assert str(found[1](f"{COUNT} WHERE c.age > 3")).startswith(f"{COUNT} WHERE c.age > 3 AND ")


@pytest.mark.parametrize(
    "question",
    ["How many people are called Mia Gallo", "Who is called Novak", "How many people are there"],
)
def test_full_names_and_other_questions_are_unchanged(question: str) -> None:
    assert surname(question, "c.name") is None


def test_other_rows_have_no_such_name() -> None:
    found = surname("How many people are called Keller", "c.name")

    assert found is not None
    assert found[1]("SELECT COUNT(*) AS balls FROM balls b") is None
