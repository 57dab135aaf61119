"""Follow-up questions, in the form that the model was trained on: both questions, a line each."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from genai.analyst.reading.alternatives import Find
from genai.analyst.vocabulary import either
from genai.messages import Message
from genai.worked_examples.nearest_example import user_texts
from genai.worked_examples.relative import is_relative_period

POINTS_BACK: Final = re.compile(
    r"\b(?:those|these|them|ones|they|their)\b|^(?:and |so )?(?:how|what|which)\b[^,;]*\bthat\W*$",
    re.IGNORECASE,
)
OF_THEM: Final = re.compile(
    r"\bof (?:them|those|these)\b(?! \w)|\bof them\b|\b(?:do|did|have|are|were) they\b",
    re.IGNORECASE,
)
BEGINS: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|so|now)[, ]+)?(?:and|but|what about|how about|only|just|same|the same"
    r"|now|then|by|per|which ones"
    r"|who exactly|split|break|group|how many (?:are|were|have|of)|in|for)\b",
    re.IGNORECASE,
)
SUBJECTLESS: Final = re.compile(
    r"^(?:(?:and|but|so) )?how many (?:(?:also|still) )?"
    r"(?:have|hold|own|use|owe|live|are|were|do not|don't)\b(?! there\b)",
    re.IGNORECASE,
)
"""*How many have a card?* counts what the previous question counted."""

ONLY: Final = re.compile(r"^(?:and |but )?(?:only|just)\b(?!.*\bhow\b)", re.IGNORECASE)
FILLING: Final = (
    "and|but|ok|okay|so|now|only|just|the|of|those|these|them|they|ones?|how|many|which|what|about|are"
    "|were|is|was|have|had|that|in|from|for|at|with|there"
)
"""Words that add no condition."""

DEFINES: Final = (
    r"who|that|which|whose|with|without|in|of|from|on|at|by|for|where|since|until|after|before|between"
    r"|above|below|over|under|older|younger|\w+ed|\w+ing|held|made|paid"
)
"""After *those cards*, a word that says which."""

CLAUSE: Final = re.compile(r"[,;.?!]|\band\b", re.IGNORECASE)

LINE: Final = "\n"

Continued = Callable[[str, str], str | None]
"""Completes a question that replaces one value of the previous question."""


class FollowUps:
    """``nouns`` are patterns for the subjects of complete questions."""

    def __init__(self, nouns: Iterable[str]) -> None:
        known = tuple(nouns)
        self._noun = re.compile(rf"\b(?:{either(known)})\b", re.IGNORECASE)
        self._these = re.compile(
            rf"\b(?:these|those)(?: \w+)?? (?P<noun>{either(known)})\b(?! (?:{DEFINES})\b)",
            re.IGNORECASE,
        )
        self._says_more = re.compile(rf"\b(?!(?:{either((FILLING, *known))})\b)\w+", re.IGNORECASE)

    def has_noun(self, question: str) -> bool:
        """Whether the question names its subject."""
        return self._noun.search(question) is not None

    def points_back(self, question: str) -> bool:
        """Whether a pronoun refers to an earlier question."""
        return POINTS_BACK.search(question) is not None

    def leans(self, question: str) -> bool:
        """Whether it depends on the previous question."""
        return (
            self.points_back(question)
            or (BEGINS.match(question) is not None and not self.has_noun(question))
            or SUBJECTLESS.match(question) is not None
        )

    def lacks_one(self, question: str) -> bool:
        """Whether it says *of them* or *these cards* before naming a subject."""
        found, these = OF_THEM.search(question), self._these.search(question)
        return (found is not None and not self.has_noun(question[: found.start()])) or (
            these is not None and not self._introduced(these["noun"], question[: these.start()])
        )

    def _introduced(self, noun: str, before: str) -> bool:
        """Whether the text before *these cards* names cards, or any subject in an earlier clause."""
        *earlier, _ = CLAUSE.split(before)
        return noun.lower().rstrip("s") in before.lower() or any(map(self.has_noun, earlier))

    def read(
        self, messages: Sequence[Message], find: Find, continued: Continued
    ) -> tuple[str, str | None]:
        """The last question, and the one that it follows up: `None` if it is complete, empty if
        unknown.
        """
        *before, last = user_texts(messages)
        if not before and self.lacks_one(last):
            return last, ""
        standing = ""
        for text in before:
            standing = self._alone(text, standing, find, continued)
        if standing and (whole := continued(last, standing)):
            return whole, None
        if not before or not (self._depends_on(last, standing) or is_relative_period(last)):
            return last, None
        return last, "" if is_relative_period(last) else standing

    def _depends_on(self, question: str, before: str) -> bool:
        """*Only the new members* follows up a question about members."""
        if self.leans(question):
            return True
        noun, known = self._noun.search(question), self._noun.findall(before.lower())
        return ONLY.match(question) is not None and noun is not None and noun[0].lower() in known

    def _alone(self, question: str, before: str, find: Find, continued: Continued) -> str:
        """The question made complete; empty if that is not possible."""
        if before and (whole := continued(question, before)):
            return whole
        if not self._depends_on(question, before):
            return question
        return self._narrowed(question, before, find) if before else ""

    def _narrowed(self, question: str, before: str, find: Find) -> str:
        """Merges *how many customers live in Porto?* and *only the retail ones* into one question."""
        new, old = find(question), find(before)
        if len(new) != 1 or self._says_more.search(
            question[: new[0].start] + question[new[0].end :]
        ):
            return ""
        noun, name = self._noun.search(before), new[0].text
        if noun is None or any(kind in m.kinds for m in old for kind in new[0].kinds):
            return ""
        whole = f"{before[: noun.start()]}{name} {before[noun.start() :]}"
        if "period" in new[0].kinds:
            whole = f"{before.rstrip('?. ')} {name}?"
        found = [set(m.kinds.values()) for m in find(whole)]
        kept = all(any(set(m.kinds.values()) & other for other in found) for m in (*old, *new))
        return whole if kept and len(found) == len(old) + 1 else ""


def joined(before: str, question: str) -> str:
    return f"{before}{LINE}{question}"
