"""Fixed replies to messages that are no questions: greetings, thanks, "who are you?", words of despair.

They are configured by the operator, so neither documents nor a model are asked.
"""

import re
from collections.abc import Iterable, Sequence

from genai.settings.answering import ReplySettings

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_LONGEST = 200
"""Characters; longer messages are questions."""

_Words = tuple[str, ...]


class Replies:
    """Recognises messages that consist of known phrases only, or contain one that counts ``anywhere``.

    ``Hello, good morning!`` is one, ``Hello, what does a card cost?`` is not. Case, punctuation and
    drawn-out letters are ignored.
    """

    def __init__(self, replies: Sequence[ReplySettings]) -> None:
        self._reply = _by_phrase(one for one in replies if not one.anywhere)
        self._anywhere = _by_phrase(one for one in replies if one.anywhere)
        self._lengths = sorted(set(map(len, self._anywhere)))
        self._longest = max(map(len, self._reply), default=0)

    def find(self, text: str) -> str | None:
        """The reply to a phrase that counts anywhere, else to the last phrase; None if there is none, or
        the text contains anything else.
        """
        words = _words(text)
        if reply := self._contained(words):
            return reply
        if not self._reply or len(text) > _LONGEST:
            return None
        found = self._phrases(words)
        return self._reply[found[-1]] if found else None

    def _contained(self, words: _Words) -> str | None:
        starts = range(len(words))
        parts = (words[start : start + length] for start in starts for length in self._lengths)
        return next((self._anywhere[part] for part in parts if part in self._anywhere), None)

    def _phrases(self, words: _Words) -> list[_Words]:
        """The words split into phrases; empty if some word belongs to none.

        ``ways[n]`` is a split of the first n words; the last phrase is as long as possible.
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


def _by_phrase(replies: Iterable[ReplySettings]) -> dict[_Words, str]:
    return {_words(phrase): one.reply for one in replies for phrase in one.to}


def _words(text: str) -> _Words:
    plain = _DRAWN_OUT.sub(r"\1", text.lower().replace("\u2019", "'"))
    return tuple(_WORD.findall(plain))
