import sqlite3

import pytest

from genai.analyst.compositions.side_by_side import (
    as_shares,
    both,
    by_weekday,
    difference,
    netted,
    ratio,
    share,
)

RED = "SELECT COUNT(*) AS balls FROM balls b WHERE b.colour = 'red'"
BLUE = "SELECT COUNT(*) AS balls FROM balls b WHERE b.colour = 'blue'"
LARGE_RED = "SELECT COUNT(*) AS balls FROM balls b WHERE b.colour = 'red' AND b.size = 'large'"
OTHER = "SELECT COUNT(*) AS boxes FROM boxes x WHERE x.size = 'large'"
BY_SIZE = "SELECT b.size, COUNT(*) AS balls FROM balls b GROUP BY b.size"
SPENT = (
    "SELECT ROUND(-SUM(t.amount_cents) / 100.0, 2) AS spent_eur FROM flows t"
    " WHERE t.amount_cents < 0{more}"
)


def net(query: str) -> str | None:
    return netted(query, spent="spent_eur", net="net_eur")


@pytest.fixture
def shop() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        """
        CREATE TABLE balls (colour TEXT, size TEXT, made_on TEXT);
        INSERT INTO balls VALUES ('red', 'large', '2026-06-01'), ('red', 'small', '2026-06-02'),
            ('red', 'small', '2026-06-08'), ('blue', 'small', '2026-06-03');
        CREATE TABLE boxes (size TEXT);
        CREATE TABLE flows (amount_cents INTEGER, day TEXT);
        INSERT INTO flows VALUES (-300, 'a'), (1000, 'a'), (-50, 'b');
        """
    )
    return connection


def rows(shop: sqlite3.Connection, query: str | None) -> list[tuple[object, ...]]:
    assert query is not None
    return shop.execute(query).fetchall()


def test_two_values_of_one_column_become_two_groups(shop: sqlite3.Connection) -> None:
    assert sorted(rows(shop, both(RED, BLUE))) == [("blue", 1), ("red", 3)]


def test_other_numbers_stand_in_one_row(shop: sqlite3.Connection) -> None:
    assert rows(shop, both(RED, OTHER)) == [(3, 0)]


def test_numbers_are_divided_and_subtracted(shop: sqlite3.Connection) -> None:
    assert rows(shop, ratio(RED, BLUE)) == [(3, 1, 3.0)]
    assert rows(shop, difference(RED, BLUE)) == [(3, 1, 2.0)]


def test_a_share_is_one_of_its_whole(shop: sqlite3.Connection) -> None:
    assert rows(shop, share(LARGE_RED, RED)) == [(1, 3, 33.33)]
    assert share(LARGE_RED, BLUE) is None
    assert share(OTHER, RED) is None


def test_numbers_of_groups_become_parts_of_their_sum(shop: sqlite3.Connection) -> None:
    assert sorted(rows(shop, as_shares(BY_SIZE))) == [("large", 25.0), ("small", 75.0)]


def test_what_was_spent_becomes_a_net_flow(shop: sqlite3.Connection) -> None:
    assert rows(shop, net(SPENT.format(more=""))) == [(6.5,)]
    assert rows(shop, net(SPENT.format(more=" AND t.day = 'b'"))) == [(-0.5,)]


def test_months_become_days_of_the_week(shop: sqlite3.Connection) -> None:
    by_month = (
        "SELECT substr(b.made_on, 1, 7) AS month, COUNT(*) AS balls FROM balls b"
        " GROUP BY substr(b.made_on, 1, 7) ORDER BY 2 DESC LIMIT 1"
    )
    assert rows(shop, by_weekday(by_month)) == [("Monday", 2)]


@pytest.mark.parametrize("finish", [both, ratio, difference])
def test_twice_the_same_number_is_no_comparison(finish: object) -> None:
    assert callable(finish)
    assert finish(RED, RED) is None
    assert finish(RED, BY_SIZE) is None


@pytest.mark.parametrize("finish", [as_shares, net, by_weekday])
def test_queries_of_another_form_become_nothing(finish: object) -> None:
    assert callable(finish)
    assert finish(RED) is None
