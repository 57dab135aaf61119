import pytest

from genai.analyst import vocabulary
from genai.analyst.checks.counted import CountedCheck

TABLES = {
    "members": {"called": ("members", "players"), "told_apart": ("e.member_id",)},
    "teams": {"called": ("teams",)},
    "entries": {"called": ("entries",)},
}
COUNTED = CountedCheck(
    vocabulary.Counted.model_validate(
        {"tables": TABLES, "links": ("coached",), "never_before": ("colours",)}
    )
)
MEMBERS = "SELECT COUNT(*) AS n FROM members m"


@pytest.mark.parametrize("asked", ["How many players?", "how many of our new members are there?"])
def test_rows_of_the_table_are_counted(asked: str) -> None:
    assert COUNTED.counts(asked, MEMBERS)
    assert not COUNTED.counts(asked, "SELECT COUNT(*) AS n FROM teams t")


def test_distinct_ids_count_as_rows() -> None:
    told_apart = "SELECT COUNT(DISTINCT e.member_id) AS n FROM entries e"

    assert COUNTED.counts("How many members?", told_apart)
    assert not COUNTED.counts("How many teams?", told_apart)


@pytest.mark.parametrize(
    "asked",
    ["How many people coached teams?", "How many teams colours?", "Who plays?", "How many goals?"],
)
def test_a_noun_that_is_not_counted_is_ignored(asked: str) -> None:
    assert COUNTED.counts(asked, MEMBERS)


def test_without_words_nothing_is_known() -> None:
    assert CountedCheck(vocabulary.Counted()).counts("How many teams?", MEMBERS)
