import sqlite3

import pytest

from genai.analyst.compositions.ties import SO_FAR, tied, with_ties
from genai.analyst.row_text import rows_in_words

MOST = "SELECT b.owner, COUNT(*) AS balls FROM balls b GROUP BY b.owner ORDER BY 2 DESC LIMIT {}"


def found(sql: str) -> tuple[list[str], list[list[str]]]:
    shop = sqlite3.connect(":memory:")
    shop.execute("CREATE TABLE balls (owner TEXT)")
    shop.executemany("INSERT INTO balls VALUES (?)", [(letter,) for letter in "aabbcd"])
    cursor = shop.execute(with_ties(sql))
    return [c[0] for c in cursor.description], [[str(v) for v in row] for row in cursor]


def test_ties_for_the_first_place_are_mentioned() -> None:
    columns, rows = found(MOST.format(1))
    assert tied(columns, rows) == "1 more has the same, and could stand here as well."


def test_the_last_place_may_be_shared_too() -> None:
    columns, rows = found(MOST.format(3))
    assert tied(columns, rows).startswith("1 more has")


def test_there_is_no_note_if_all_ties_are_shown() -> None:
    columns, rows = found(MOST.format(2))
    assert tied(columns, rows) == ""
    assert tied(["owner"], [["a"]]) == ""


def test_the_helper_column_is_not_shown() -> None:
    assert (
        rows_in_words(["owner", "balls", SO_FAR], [["a", "2", "1"]], cut=False)
        == "Owner: a; 2 balls."
    )
    assert "1" not in rows_in_words(["owner", SO_FAR], [["a", "1"], ["b", "1"]], cut=False)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS balls FROM balls b",
        "SELECT b.owner FROM balls b ORDER BY b.owner",
        "SELECT b.owner FROM balls b ORDER BY b.owner LIMIT 1 OFFSET 1",
        "SELECT b.owner FROM balls b WHERE b.n > (SELECT AVG(n) FROM balls) ORDER BY b.n LIMIT 1",
    ],
)
def test_a_query_that_ranks_nothing_stays_as_it_is(sql: str) -> None:
    assert with_ties(sql) == sql
