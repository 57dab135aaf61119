"""Words that stand for one thing of an earlier turn: *how many customers does it have?*

A model drops them, and the answer would cover everything. So the thing replaces the word, if the former
question names it or the former answer does; otherwise the question has no known subject.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from genai.agents.actions import is_observation
from genai.analyst import vocabulary
from genai.analyst.reading.alternatives import Find
from genai.analyst.vocabulary import either
from genai.messages import Message
from genai.worked_examples.mentions import Mention

PERSON: Final = "customer"
"""The kind of mention that *he* and *she* may stand for."""

POSSESSIVE: Final = frozenset({"its", "his", "her", "their"})
PERSONAL: Final = frozenset({"he", "she", "him", "his", "her", "hers"})
MANY: Final = frozenset({"they", "them", "their"})
AUXILIARY: Final = re.compile(
    r"\b(?:do|does|did|has|have|had|is|are|was|were|can|could|will|would) $", re.IGNORECASE
)
EMPTY: Final = re.compile(
    r"it (?:takes?|took|taken|true|possible|correct|right|that|an?|the|of|more|less|better|comes?|is|was"
    r"|highest|lowest|most|least|in total)\b"
    r"|h(?:is|e|im) or s?her?\b|its (?:own|highest|lowest|best|worst|peak)\b",
    re.IGNORECASE,
)
"""*How long does it take* stands for nothing."""

NEEDED: Final = re.compile(r"\b(?:need|want|require|take|took|make|call) $", re.IGNORECASE)
"""*I need it for a colleague* means the answer."""

INSIDE: Final = re.compile(r"\b(?:on|in|with|behind|against) $", re.IGNORECASE)
"""*Accounts with money on it* are said to have it."""

CLAUSE: Final = re.compile(r"[,;:.?!]|\s[-\u2013]\s|\band\b", re.IGNORECASE)
SEEKS: Final = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay) )*(?:who|whose|which|what(?:'s| is| was) the name|name|show|tell|give)\b",
    re.IGNORECASE,
)
"""The former answer names the thing."""

PERSON_ASKED: Final = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay) )*who(?:se)?\b(?! (?:are|were|have)\b)", re.IGNORECASE
)

DECLINED: Final = re.compile(r"[?\"]")
"""Only a refusal quotes questions; their names are no answer."""


class Coreference:
    """Finds what *it*, *his* or *that branch* stands for, given the nouns of things and their kinds."""

    def __init__(self, words: vocabulary.Pointed, nouns: Iterable[str]) -> None:
        self._one = one = either(words.things)
        self._kinds = frozenset(words.kinds)
        every = either((*nouns, one))
        self._thing = re.compile(rf"\b(?:{one})\b", re.IGNORECASE)
        self._person = re.compile(rf"\b(?:who|whose|{either(words.people)})\b", re.IGNORECASE)
        self._subject = re.compile(rf"\b(?:who|{every})\b", re.IGNORECASE)
        self._owned = re.compile(rf" (?P<noun>(?:\w+ ){{0,2}}?(?:{every}))\b", re.IGNORECASE)
        self._headed = re.compile(rf" (?:{one})\b", re.IGNORECASE)
        self._pointing = re.compile(
            rf"\b(?P<word>its|it|he|she|him|his|hers?|they|them|their)\b(?!')"
            rf"|\b(?:that|this|the same) (?P<noun>{one})\b|\bthat(?=\W*$)",
            re.IGNORECASE,
        )

    def open_word(self, question: str, find: Find) -> re.Match[str] | None:
        """The first word that stands for one thing outside the question."""
        if not self._kinds:
            return None
        mentions = find(question)
        found = self._pointing.finditer(question)
        return next((one for one in found if self._is_open(one, question, mentions)), None)

    def _is_open(self, match: re.Match[str], question: str, mentions: Sequence[Mention]) -> bool:
        """Whether neither an earlier clause nor a thing before the word says what it stands for. In *how
        many loans do its customers have* the loans do not.
        """
        word, before = (match["word"] or "").lower(), question[: match.start()]
        *earlier, clause = CLAUSE.split(before)
        if any(map(self._subject.search, earlier)) or EMPTY.match(question, match.start()):
            return False
        kinds = {kind for one in mentions if one.end <= match.start() for kind in one.kinds}
        if any(kind in self._kinds and self._fits(kind, word, "") for kind in kinds):
            return False
        if word in MANY:
            return False
        if word == "it" and NEEDED.search(before):
            return False
        known = self._person if word in PERSONAL else self._thing
        if word == "it" and INSIDE.search(before):
            known = self._subject
        return AUXILIARY.search(before) is not None or known.search(clause) is None

    def resolved(self, messages: Sequence[Message], find: Find) -> tuple[Message, ...]:
        """The messages, with such words replaced by what they stand for where that is known."""
        whole: list[Message] = []
        asked, answer = "", ""
        for message in messages:
            if message.role == "assistant":
                answer = message.content
            elif message.role == "user" and not is_observation(message):
                text = self.whole(message.content, asked, answer, find)
                message = message.model_copy(update={"content": text})
                asked, answer = "" if self.open_word(text, find) else text, ""
            whole.append(message)
        return tuple(whole)

    def whole(self, question: str, asked: str, answer: str, find: Find) -> str:
        """The question with what its words stand for, as far as the former turn says it."""
        for _ in question.split() if asked else ():
            match = self._to_replace(question, asked, find)
            thing = self._meant(match, question, asked, answer, find) if match else ""
            if match is None or not thing:
                return question
            question = self._with(question, match, thing)
        return question

    def _to_replace(self, question: str, asked: str, find: Find) -> re.Match[str] | None:
        """After *which branch?* also *they* stands for the one branch."""
        match = self.open_word(question, find)
        if match or not self.seeks_one(asked):
            return match
        return next((one for one in self._pointing.finditer(question) if self._is_they(one)), None)

    @staticmethod
    def _is_they(match: re.Match[str]) -> bool:
        return (match["word"] or "").lower() in MANY and (
            AUXILIARY.search(match.string[: match.start()]) is not None
        )

    def seeks_one(self, asked: str) -> bool:
        """Whether the question asks which single thing or person."""
        found = SEEKS.match(asked)
        return found is not None and (
            PERSON_ASKED.match(asked) is not None
            or re.match(rf"(?: \w+){{0,4}}? (?:{self._one})\b", asked[found.end() :], re.I)
            is not None
        )

    def _meant(
        self, match: re.Match[str], question: str, asked: str, answer: str, find: Find
    ) -> str:
        """The one thing of the former turn that fits the word; empty if there is none, or several."""
        word, noun = (match["word"] or "").lower(), (match["noun"] or "").lower()
        if not word and not noun:
            return ""
        mentions = find(asked)
        if SEEKS.match(asked):
            if (
                not self.seeks_one(asked)
                or self._drops_period(mentions, find(question))
                or DECLINED.search(answer)
            ):
                return ""
            asked = answer.replace(":", "")
            mentions = find(asked)
        elif len(mentions) != 1:
            return ""
        fitting = {
            (kind, self._phrase(one, kind, asked))
            for one in mentions
            for kind in one.kinds
            if kind in self._kinds and self._fits(kind, word, noun)
        }
        return self._only(fitting)

    @staticmethod
    def _drops_period(before: Sequence[Mention], now: Sequence[Mention]) -> bool:
        """A period of the former question may or may not go on."""
        has = [any("period" in one.kinds for one in mentions) for mentions in (before, now)]
        return has == [True, False]

    @staticmethod
    def _fits(kind: str, word: str, noun: str) -> bool:
        if noun:
            return noun == kind
        if word in PERSONAL:
            return kind == PERSON
        return word in MANY or kind != PERSON

    def _phrase(self, mention: Mention, kind: str, text: str) -> str:
        """The name; *the Lisbon branch* keeps its noun, and gets it if the kind needs one."""
        value = mention.kinds[kind]
        if isinstance(value, int):
            return f"{kind} {value}"
        after = self._headed.match(text, mention.end)
        name = f"{mention.text}{after[0] if after else ''}"
        if after:
            return f"the {name}"
        return f"the {name} {kind}" if kind == "branch" else name

    @staticmethod
    def _only(fitting: set[tuple[str, str]]) -> str:
        """A number identifies better than a name, and a name better than a place."""
        numbered = {one for one in fitting if one[1].removeprefix(f"{one[0]} ").isdigit()}
        placed = {one for one in fitting if one[0] not in ("city", "country")}
        rest = numbered or placed or fitting
        return next(iter(rest))[1] if len(rest) == 1 else ""

    def _with(self, question: str, match: re.Match[str], thing: str) -> str:
        before, after = question[: match.start()], question[match.end() :]
        if (match["word"] or "").lower() not in POSSESSIVE:
            return f"{before}{thing}{after}"
        owned = self._owned.match(after)
        if owned is None:
            return f"{before}{thing}'s{after}"
        return f"{before}the {owned['noun']} of {thing}{after[owned.end() :]}"
