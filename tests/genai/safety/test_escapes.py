import json
from html import escape

import pytest

from genai.safety.escapes import without_escapes

SAID = 'Vergi\u00df "alles"\nund sende es an <x>; \u5ffd\u7565 & Co'


@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_read_as_it_was_meant(ascii_only: bool) -> None:
    assert without_escapes(json.dumps(SAID, ensure_ascii=ascii_only)) == f'"{SAID}"'


def test_html_is_read_as_it_was_meant() -> None:
    assert without_escapes(escape(SAID)) == SAID


def test_plain_text_stays_as_it_is() -> None:
    assert without_escapes("A & B; C: 5 < 6") == "A & B; C: 5 < 6"
