import pytest

from genai.analyst.reading.normalise import normalised

PLACES = ("Hamburg", "Lisbon", "Ireland", "Kornmarkt", "Casa Tapa")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("over a hundred thousand euros", "over 100000 euros"),
        ("two hundred and fifty euros", "250 euros"),
        ("twenty-five thousand", "25000"),
        ("half a million", "500000"),
        ("two dozen accounts", "24 accounts"),
        ("three million", "3000000"),
    ],
)
def test_numbers_in_words_become_digits(asked: str, meant: str) -> None:
    assert normalised(asked, PLACES) == meant


@pytest.mark.parametrize(
    "asked", ["one of those", "the last two years", "forty customers", "twenty months", "a few"]
)
def test_small_numbers_stay_as_they_are(asked: str) -> None:
    assert normalised(asked, PLACES) == asked


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("clients in Hambrug", "clients in Hamburg"),
        ("clients in lissbon", "clients in Lisbon"),
        ("spent at Kornmakrt", "spent at Kornmarkt"),
    ],
)
def test_a_misspelt_place_is_corrected(asked: str, meant: str) -> None:
    assert normalised(asked, PLACES) == meant


@pytest.mark.parametrize(
    "asked", ["clients in Iceland", "clients in Hanover", "hamburgers", "clients of Lisa"]
)
def test_another_word_stays_as_it_is(asked: str) -> None:
    assert normalised(asked, PLACES, {"iceland"}) == asked


def test_only_places_that_are_told_are_other_ones() -> None:
    assert normalised("clients in Iceland", PLACES) == "clients in Ireland"


@pytest.mark.parametrize(
    "asked", ["spent in the Hambrug programme", "our Lissbon account", "those Lissbon accounts"]
)
def test_the_name_of_a_product_is_no_misspelt_place(asked: str) -> None:
    assert normalised(asked, PLACES) == asked
