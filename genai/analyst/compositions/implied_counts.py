"""Questions that imply *how many*: "dormant accounts in Spain", "... how many?"

Without these words the model lists the rows.
"""

import re
from collections.abc import Iterable
from typing import Final

from genai.analyst.reading.alternatives import Find
from genai.analyst.vocabulary import either

LISTED: Final = re.compile(
    r"^(?:please )?(?:which|what|list|name|show(?: me)?|identify|find|give me|tell me)\s+"
    r"(?:all )?(?:of )?(?:the |our )?",
    re.IGNORECASE,
)
NUMBER_ONLY: Final = re.compile(
    r"\s*[.,:;?\u2013-]\s*(?:i (?:only|just) (?:need|want) |(?:just|only) )?(?:the |a )?"
    r"(?:number|count|how many(?: are there| are they| they are| of them)?)"
    r"(?: please| only| is enough| will do)?\s*[?.!]*$",
    re.IGNORECASE,
)
ASKS: Final = re.compile(
    r"\b(?:how|what|which|who|whose|when|where|why|list|show|name|names|give|tell|find|display|get|number"
    r"|count|headcount|average|avg|mean|median|total|sum|by|per|each|every|(?<!at )most|(?<!at )least|top"
    r"|bottom|ratio|share|percent\w*|proportion|compare\w*|versus|vs|is|do|does|did|can|could|would|should"
    r"|details?|overview|rank\w*|many|much|breakdown|distribution|\w{2,}est)\b|\?.|%|#",
    re.IGNORECASE,
)
WORD: Final = re.compile(r"[\w-]+")
NO_ADJECTIVES: Final = (
    "of|in|on|at|for|from|to|with|without|by|are|there|is|was|were|more|less|fewer|than|and|or|we"
)
YEAR: Final = re.compile(r"(?<=s) (?P<year>20\d\d)$")
CLAUSE: Final = re.compile(r"\b(?:that|which|who|whose)\b", re.IGNORECASE)


class ImpliedCounts:
    """``nouns`` are the plural names of rows, ``told`` words that describe them. A noun followed by one
    of ``measures`` asks for the measure instead.
    """

    def __init__(
        self, nouns: Iterable[str], told: Iterable[str], measures: Iterable[str] = ()
    ) -> None:
        self._told = frozenset((*told, "new", "different"))
        self._much = re.compile(rf"^how much (?=(?:{either(nouns)})\b)", re.IGNORECASE)
        self._phrase = re.compile(
            rf"^(?:(?:all|our|the|any) )*(?P<phrase>(?P<told>(?:(?!(?:{NO_ADJECTIVES})\b)[\w-]+ ){{0,3}}?)"
            rf"(?:{either(nouns)})\b(?! ?:| (?:{either(measures)})\b).*)$",
            re.IGNORECASE,
        )

    def as_count(self, question: str, find: Find) -> str:
        """Adds *how many* to a question that implies it."""
        plain = self._much.sub("How many ", question.strip())
        if (tail := NUMBER_ONLY.search(plain)) and tail.start():
            wanted = LISTED.sub("", plain[: tail.start()])
            if phrase := self._phrase.match(wanted):
                return f"How many {_small(phrase['phrase'])}?"
        phrase = self._phrase.match(plain)
        if phrase is None or ASKS.search(plain) or self._orders(phrase, find):
            return plain
        wanted = YEAR.sub(r" in \g<year>", _small(phrase["phrase"].rstrip("?!. ")))
        return f"How many {wanted}{'' if CLAUSE.search(wanted) else ' are there'}?"

    def _orders(self, phrase: re.Match[str], find: Find) -> bool:
        """Whether a word before the noun is no known name, as in "delete frozen accounts"."""
        names = find(phrase.string)
        begins = phrase.start("told")
        return any(
            word[0].lower() not in self._told
            and not any(m.start <= begins + word.start() < m.end for m in names)
            for word in WORD.finditer(phrase["told"])
        )


def _small(text: str) -> str:
    return text[0].lower() + text[1:]
