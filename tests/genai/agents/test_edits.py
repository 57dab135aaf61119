"""What a person changed, in the words that the customer reads."""

import pytest

from genai.agents.edits import edited


@pytest.mark.parametrize(
    ("requested", "approved", "told"),
    [
        ('{"card_id": 7}', '{"card_id": 8}', "card id 8"),
        ('{"card": 7, "why": "lost"}', '{"card": 7, "why": "stolen"}', "why stolen"),
        ('{"card": 7}', '{"card": 7, "note": "one\\nline"}', "note one line"),
        ('{"card": 7, "why": "lost"}', '{"card": 7}', "no why"),
        ('{"card": 7}', '{"card": 7.0}', ""),
    ],
)
def test_only_what_differs_is_told(requested: str, approved: str, told: str) -> None:
    assert edited(requested, approved) == told
