import sqlite3

import pytest

from genai.analyst.compositions.medians import median

AVERAGE = "SELECT ROUND(AVG(b.price) / 100.0, 2) AS average_price_eur FROM balls b"


@pytest.mark.parametrize(
    ("prices", "middle"), [((100, 900, 200), 2.0), ((100, 200, 400, 900), 3.0), ((500, None), 5.0)]
)
def test_the_median_is_the_one_in_the_middle(prices: tuple[int | None, ...], middle: float) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE balls (price INTEGER, colour TEXT)")
    database.executemany("INSERT INTO balls VALUES (?, 'red')", [(one,) for one in prices])
    database.execute("INSERT INTO balls VALUES (100000, 'blue')")

    query = median(f"{AVERAGE} WHERE b.colour = 'red'")

    assert query is not None
    assert database.execute(query).fetchall() == [(middle,)]


@pytest.mark.parametrize(
    "query",
    [
        f"{AVERAGE} GROUP BY b.colour",
        f"{AVERAGE} WHERE b.colour = 'red' OR b.colour = 'blue'",
        "SELECT COUNT(*) AS balls FROM balls b",
    ],
)
def test_other_queries_than_an_average_have_no_median(query: str) -> None:
    assert median(query) is None
