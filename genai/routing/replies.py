"""Replies to what is no question: a greeting, thanks, "who are you?".

Neither the documents nor a model need to be asked for them, so the operator writes them down.
"""

import re
from collections.abc import Sequence

from genai.settings.answering import ReplySettings

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_LONGEST = 200
"""Characters; whoever writes more has something to ask."""

_Words = tuple[str, ...]


class Replies:
    """Knows a message that consists of nothing but known phrases, one after the other.

    ``Hello, good morning!`` is such a message, ``Hello, what does a card cost?`` is not. Upper case,
    punctuation and drawn out letters make no difference.
    """

    def __init__(self, replies: Sequence[ReplySettings]) -> None:
        self._reply = {_words(phrase): one.reply for one in replies for phrase in one.to}
        self._longest = max(map(len, self._reply), default=0)

    def find(self, text: str) -> str | None:
        """The reply to the last phrase; None when there is anything else in the text."""
        if not self._reply or len(text) > _LONGEST:
            return None
        found = self._phrases(_words(text))
        return self._reply[found[-1]] if found else None

    def _phrases(self, words: _Words) -> list[_Words]:
        """The words as phrases; none when some word belongs to no phrase.

        ``ways[n]`` is a way to read the first n words; the latest phrase is as long as it can be.
        """
        ways: list[list[_Words] | None] = [[]]
        for end in range(1, len(words) + 1):
            ways.append(None)
            for start in range(max(0, end - self._longest), end):
                before, phrase = ways[start], words[start:end]
                if before is not None and phrase in self._reply:
                    ways[end] = [*before, phrase]
                    break
        return ways[-1] or []


def _words(text: str) -> _Words:
    plain = _DRAWN_OUT.sub(r"\1", text.lower().replace("\u2019", "'"))
    return tuple(_WORD.findall(plain))
