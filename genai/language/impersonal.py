"""Removes personal data from a search query.

*My card 4111 1111 1111 1111 was stolen* asks the same as *my card was stolen*. No document contains the
number or its placeholder, so either would count as an unsupported word.
"""

import re

from genai.safety.placeholders import STANDS_FOR_DATA, without_placeholders

_NUMBER = r"\+?\d(?:[ \u00a0-]?\d){8,33}"
_ACCOUNT = r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"
_MAILBOX = r"[^\s@<>()]{1,64}@[^\s@<>()]{1,250}\.\w{1,18}"
_OWN = re.compile(rf"(?<![\w.,€$£])(?:{_NUMBER}|{_ACCOUNT}|{_MAILBOX})(?!\w|[.,]\d)")
"""Numbers and addresses that no check recognised as personal data, such as mistyped ones."""

PERSONAL_DATA = re.compile(
    rf"{re.sub(r'[(](?![?])', '(?:', STANDS_FOR_DATA.pattern)}|{_OWN.pattern}"
)
"""Any of it, hidden by a check or not."""

_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_BEFORE_SIGN = re.compile(r"\s+(?=[?!.,;:])")


def impersonal(text: str) -> str:
    """The text without personal identifiers; unchanged if nothing else would be left."""
    bare = _OWN.sub(" ", without_placeholders(text))
    if bare == text:
        return text
    bare = _BEFORE_SIGN.sub("", " ".join(_EMPTY.sub(" ", bare).split()))
    return bare if re.search(r"\w", bare) else text
