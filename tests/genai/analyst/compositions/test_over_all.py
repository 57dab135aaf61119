import sqlite3
from contextlib import closing

import pytest

from genai.analyst.compositions.over_all import OverAll
from genai.analyst.vocabulary import Counted, TableWords

WORDS = Counted(tables={"owners": TableWords(called=("owners",), told_apart=("b.owner_id",))})
RULE = OverAll(WORDS)
AVERAGE = (
    "SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT b.owner_id), 2) AS average_balls FROM balls b"
)
ASKED = "Average number of balls per person"


@pytest.mark.parametrize(("where", "average"), [("", 1.5), (" WHERE b.colour = 'red'", 0.5)])
def test_those_without_any_are_counted(where: str, average: float) -> None:
    query = RULE.over_all(ASKED, f"{AVERAGE}{where}")

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE owners (owner_id INTEGER)")
        connection.executemany("INSERT INTO owners VALUES (?)", [(1,), (2,)])
        connection.execute("CREATE TABLE balls (owner_id INTEGER, colour TEXT)")
        balls = [(1, "red"), (1, "blue"), (1, "blue")]
        connection.executemany("INSERT INTO balls VALUES (?, ?)", balls)
        found = connection.execute(query)
        assert found.description[0][0] == "average_balls_per_owner"
        assert found.fetchall() == [(average,)]


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Average number of balls per person with a ball", AVERAGE),
        ("Average number of balls per ball holder", AVERAGE),
        (ASKED, f"{AVERAGE} JOIN owners o ON o.owner_id = b.owner_id WHERE o.city = 'Rome'"),
        (ASKED, f"{AVERAGE} GROUP BY b.colour"),
        (ASKED, AVERAGE.replace("owner_id", "maker_id")),
        (ASKED, "SELECT COUNT(*) AS balls FROM balls b"),
    ],
)
def test_an_average_that_may_leave_some_out_stays(question: str, query: str) -> None:
    assert RULE.over_all(question, query) == query
