import pytest

from genai.analyst.select_list import repeats_itself, selected


def test_the_columns_of_a_query_are_those_of_its_outermost_select() -> None:
    query = "SELECT substr(b.made, 1, 4) AS year, (SELECT 1, 2 FROM a) AS one, b.x FROM balls b, c"

    assert selected(query) == ("substr(b.made, 1, 4)", "(SELECT 1, 2 FROM a)", "b.x")


@pytest.mark.parametrize(
    ("columns", "repeats"),
    [
        ("COUNT(*) AS balls, COUNT(*) AS balls", True),
        ("COUNT(*) AS balls, COUNT(*) AS total", True),
        ("COUNT(*) AS balls, SUM(b.price) AS price", False),
        ("COUNT(*) AS balls", False),
    ],
)
def test_two_columns_with_the_same_value_are_a_repetition(columns: str, repeats: bool) -> None:
    assert repeats_itself(f"SELECT {columns} FROM balls b") is repeats
