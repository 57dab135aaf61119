"""Turns one side of a comparison into a question: "more customers in 2024" into how many there are."""

import re
from collections.abc import Iterable
from typing import Final

from genai.analyst.vocabulary import either

LARGER: Final = "higher|lower|larger|bigger|greater|smaller"
OPENINGS: Final = (
    (r"^(?:can|could|would) you (?:please )?", ""),
    (r"^(?:please )?(?:do )?(?:a )?compar\w+:? (?:of )?(?:the )?", ""),
    (r"^how (?:do|does|did) (.*) compare$", r"\1"),
    (r"^how (?:do|does|did) (.*) compare (with|to|against) (?:that of |those of )?", r"\1 \2 "),
    (r"^what(?:'s| is| was) the (?:difference|ratio) (?:between|in|of) (?:the )?", ""),
    (r"^(?:the )?(?:difference|ratio) (?:between|in|of) (?:the )?", ""),
    (rf"^(?:by )?how (?:much|many) (?:{LARGER}) (is|are|was|were) ", r"What \1 "),
    (r"^by how much (?:does|do|did) ", "What is "),
    (r"\bexceeds?\b", "than"),
    (r"^(?:by )?how (much|many) (?:more|fewer|less) ", r"How \1 "),
    (rf"^(?:is|was|are|were) (.*?) (?:{LARGER})\b", r"What is \1"),
)
MORE: Final = (
    (r"^((?:did|do|does|have|has) .*?)\b(?:more|less)\b(?= on| at| in| than)", r"How much \1"),
    (r"^((?:do|does|did) (?:we|you) \w+) (?:more|fewer|less) ", "How many "),
    (rf"^which (?:is|are|was|were) (?:more|fewer|{LARGER}),? ", ""),
)
AUXILIARY: Final = re.compile(r"(?<= )(?:Do|Does|Did|Is|Are|Was|Were|Have|Has)\b")
ENDINGS: Final = re.compile(
    r",? (?:respectively|by (?:count|number(?: of \w+)?)|in each(?: one| of them)?|of each|for each|each"
    r"|ratio|in comparison)$",
    re.IGNORECASE,
)
TITLED: Final = re.compile(r"^(?P<side>[\w ]+?): (?P<what>.*)$")
ASKS: Final = (
    "how|what|which|who|number|count|average|avg|mean|total|sum|highest|lowest|largest|smallest"
)


class OneSide:
    """``nouns`` are the plural names of rows; ``measures`` need no *how many*."""

    def __init__(self, nouns: Iterable[str], measures: Iterable[str]) -> None:
        more = rf"^((?:did|do|does|have|has|are|is|were|was) .*?)\b(?:more|fewer|less) ({either(nouns)})\b"
        self._openings = (*OPENINGS, (more, r"How many \2 \1"), *MORE)
        self._asks = re.compile(rf"\b(?:{either((ASKS, *measures))})\b", re.IGNORECASE)

    def opened(self, question: str) -> str:
        """The question without its comparing words."""
        for pattern, instead in self._openings:
            question = re.sub(pattern, instead, question, count=1, flags=re.IGNORECASE)
        return AUXILIARY.sub(lambda match: match[0].lower(), question)

    def asking(self, side: str) -> str:
        """One side as a question."""
        side = ENDINGS.sub("", side).strip()
        if titled := TITLED.match(side):
            side = f"{titled['what']} {titled['side']}"
        side = ENDINGS.sub("", side).strip()
        return f"{side}?" if self._asks.search(side) else f"How many {side} are there?"
