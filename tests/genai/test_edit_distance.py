import pytest

from genai.edit_distance import edit_distance


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("", "card", 4),
        ("card", "", 4),
        ("card", "card", 0),
        ("card", "cards", 1),
        ("card", "cad", 1),
        ("card", "cord", 1),
        ("card", "crad", 1),
        ("ca", "abc", 3),
        ("statemnt", "statements", 2),
    ],
)
def test_edits_are_inserted_deleted_replaced_and_swapped_letters(
    one: str, other: str, edits: int
) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == edits
