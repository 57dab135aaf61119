"""Finds verbs that restrict the result but have no counterpart in the query: *were refunded*.

A model that overlooks one answers "how many payments in Spain were refunded?" with all payments in Spain.
No list of such verbs is complete, so a verb must be accounted for, or be known to exclude no rows.
"""

import re
from itertools import chain
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.reading.second_reader import SecondReader
from genai.analyst.vocabulary import either

PARTICIPLE: Final = (
    r"[a-z]+[^\We]ed|born|bought|broken|brought|built|caught|chosen|cut|drawn|driven|frozen|given|hidden"
    r"|hit|kept|lent|lost|made|paid|put|sent|shut|sold|spent|stolen|taken|withdrawn|won|written"
)
BE: Final = r"(?:is|are|was|were|(?<!to )be|been|being|gets?|got|getting)"
BETWEEN: Final = r"(?:not|never|ever|also|already|still|yet|often|since|[a-z]+ly)"
FOLLOWING: Final = (
    r"in|on|at|by|to|for|from|since|before|after|between|during|within|until|over|under|above|below|with"
    r"|last|this|so far|yesterday|today|or|and|back|yet"
)
VERB: Final = re.compile(
    rf"\b{BE} (?:{BETWEEN} ){{0,2}}(?P<passive>{PARTICIPLE})\b"
    rf"|(?<=[a-z\d] )(?P<past>{PARTICIPLE})(?=\W*$|,| (?:{FOLLOWING})\b)"
)
"""A participle after *be*, or a verb at the end of a clause."""

HARMLESS: Final = frozenset(
    (
        *(
            "asked",
            "attached",
            "based",
            "called",
            "combined",
            "compared",
            "counted",
            "given",
            "hundred",
        ),
        *(
            "included",
            "interested",
            "kept",
            "listed",
            "located",
            "made",
            "named",
            "owned",
            "recorded",
        ),
        *("registered", "stored", "taken"),
    )
)
"""Words that exclude no rows."""

ENDING: Final = re.compile(r"(?:ed|en|d)$")
SHORT: Final = 4


class Predicates:
    """Uses ``unasked.called`` (other names of values), ``named.spoken`` (what must be read) and ``absent``
    (how a reply says that the database lacks something) of the vocabulary.
    """

    def __init__(self, words: vocabulary.Vocabulary, reader: SecondReader) -> None:
        self._called = {
            column: re.compile(either((*values, *chain(*values.values()))), re.IGNORECASE)
            for column, values in words.unasked.called.items()
        }
        self._spoken = words.named.spoken
        self._absent = words.absent
        self._reader = reader

    def uncovered(self, question: str, sql: str) -> bool:
        verbs = (match["passive"] or match["past"] for match in VERB.finditer(question))
        return any(not self._covered(verb, sql) for verb in verbs)

    def _covered(self, word: str, sql: str) -> bool:
        stem = ENDING.sub("", word)
        return (
            word in HARMLESS
            or (len(stem) >= SHORT and stem in sql.lower())
            or any(
                column in sql and called.fullmatch(word) for column, called in self._called.items()
            )
            or any(one.asked.fullmatch(word) and one.read.search(sql) for one in self._spoken)
            or self._reader.accounts_for(word, sql, self._absent)
        )
