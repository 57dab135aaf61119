"""What a question is searched for by: its words, without the numbers and addresses of whoever asks.

*My card 4111 1111 1111 1111 was stolen* asks what *my card was stolen* asks. No document has the number,
nor the placeholder that stands for it, so either would count as a word that nothing supports.
"""

import re

from genai.safety.placeholders import without_placeholders

_NUMBER = r"\+?\d(?:[ \u00a0-]?\d){8,33}"
_ACCOUNT = r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"
_MAILBOX = r"[^\s@<>()]{1,64}@[^\s@<>()]{1,250}\.\w{1,18}"
_OWN = re.compile(rf"(?<![\w.,€$£])(?:{_NUMBER}|{_ACCOUNT}|{_MAILBOX})(?!\w|[.,]\d)")
"""What no check has taken for personal data: it is off, or the number is mistyped."""

_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_BEFORE_SIGN = re.compile(r"\s+(?=[?!.,;:])")


def impersonal(text: str) -> str:
    """The text without what identifies somebody; itself where nothing else would be left."""
    bare = _OWN.sub(" ", without_placeholders(text))
    if bare == text:
        return text
    bare = _BEFORE_SIGN.sub("", " ".join(_EMPTY.sub(" ", bare).split()))
    return bare if re.search(r"\w", bare) else text
