"""Parses an order: an action, its object, and words that add nothing.

    orders:
      - tool: block_card
        doing: [block, put a block on]        begins the order: *block card 5*
        done: [blocked]                       *I need card 5 blocked*
        thing: '(?:my |the )?cards?'          the object
        beside: [stolen, i lost]              may be added
        slots:
          card_id: {missing: Which card?}     a number
          reason: {missing: Why?, values: {fraud: [fraud, scam]}}

Each entry is a regular expression. The whole text must consist of such words, in any order: *card 5 was
stolen, please block it*. An unknown word, ``not``, ``or``, ``if`` and ``how`` make it no order.

A number with a sign or with separators (*-5*, *51,784*) could mean several things: it is asked for again.

The exception is a clause that only reports what happened, in any words: *a thief has my card 5, block it*.
Such a clause is not an order, and of its numbers only one with the object's name counts.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from genai.safety.placeholders import STANDS_FOR_DATA

LEADS: Final = (
    r"(?:can|could|would|will) (?:you|somebody|someone)",
    r"(?:i|we)(?:'d| would) (?:like|love|want)(?: (?:you|for you))?(?: to)?",
    r"(?:i|we) (?:want|need|wish|ask)(?: you)?(?: to)?",
    r"(?:i|we) must",
    r"(?:i|we) (?:have|am|are|'m) (?:asked |told |going |trying )?to",
    r"(?:must|needs? to|has to|have to)(?= be\b)",
    r"(?:make|be) sure(?: that)?|see to it(?: that)?|go ahead and|let'?s|help (?:me|us)(?: to)?",
)
"""Words of the speaker's own wish."""

SELF: Final = (r"(?:i|we)(?: hereby)?",)
POLITE: Final = (
    r"please|pls|kindly|thanks|thank you|hi|hello|hey|dear (?:team|bank|assistant)|urgent(?:ly)?",
    r"(?:right )?(?:now|away)|immediately|at once|today|asap|as soon as possible|quickly|then|just|also",
    r"for (?:me|us|good)|permanently|again",
)
JOINTS: Final = (r"and|so|because|since|as|therefore",)
GLUE: Final = (
    r"because of|due to|owing to|on (?:the )?grounds of|(?:the )?reason is",
    r"it(?:'s)?|this|that|they|them|which|both|is|was|are|were|be|been|being|has|have|had|got|get|to|an?",
    r"the|my|our|for|on|with|reason",
    r"about|over|against|regarding|concerning",
)
VALUE: Final = "value"
_BEFORE_NUMBER: Final = r"(?:(?:number|no\.?|nr\.?|id)\s*[:#]?\s*|#\s*)?"
NUMBER: Final = rf"{_BEFORE_NUMBER}(?P<number>\d{{1,9}})(?![\d.,]*\d)"
_UNCLEAR: Final = (
    rf"{_BEFORE_NUMBER}(?:(?<!\w)[-+\u2212\u2013\u2014]\d(?:[\d.,]*\d)?"
    r"|\d{1,3}(?:[.,']\d{3})+(?![\d.,]*\d))"
)
"""A number with a sign or with separators: *-5*, *51,784*, *51.784*."""
MARKS: Final = r"[,;:.!?()\u2013\u2014\"'-]"


_REPORT: Final = re.compile(
    r"(?:i|we|he|she|it|they|there|the|an?|my|our|his|her|their|this|that|some(?:body|one)|cards?|transaction"
    r"|payment|customers?|clients?)\b"
    r"(?:(?![,;:.!?]|\b(?:and|so|because|since)\b).)*?"
    r"\b(?:is|was|are|were|has|have|had|did|does|do|got|gets?|looks?|seems?|says?|said|lost|stole|took|came"
    r"|found|left|went|\w{2,}ed|\w{3,}(?<!s)s)\b",
    re.IGNORECASE,
)
"""A subject and a verb."""

_PLACEHOLDER: Final = re.compile(
    rf"(?:(?i:\b(?:of|for|to|from|at|by|with|under))\s+)?{STANDS_FOR_DATA.pattern}"
)
"""Placeholders of personal data that are given with an order but are no argument."""

_ANY_WORD: Final = re.compile(r"[a-z][a-z'-]*\s*", re.IGNORECASE)
_REQUEST: Final = re.compile(
    r"(?:know|tell|ask\w*|wh\w+|how|if|or|unless|wonder\w*|questions?|also|too|instead|must|should|shall|need\w*"
    r"|want\w*|wish\w*|like\w*|please|do not|don't|you\w*|only)\s*",
    re.IGNORECASE,
)
"""Words that ask for more than the order."""

_QUOTE_MARKS: Final = (":", '"', "'", "\u2013", "\u2014", "-")
_REPORTING_VERB: Final = re.compile(
    r"says?|said|states?|stated|reads?|writes?|wrote|tells?|told", re.IGNORECASE
)


class StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderSlot(StrictModel):
    """An argument: one of ``values``, each with its words, or without values a number.

    ``missing`` is the question for a missing argument.
    """

    missing: str
    values: dict[str, tuple[str, ...]] = {}


class ParsedArguments(StrictModel):
    """The arguments of an order, and the questions for the missing ones."""

    arguments: dict[str, str | int]
    missing: tuple[str, ...] = ()


class Order(StrictModel):
    tool: str
    doing: tuple[str, ...] = Field(min_length=1)
    done: tuple[str, ...] = ()
    thing: str
    beside: tuple[str, ...] = ()
    slots: dict[str, OrderSlot] = Field(min_length=1)

    def parse(self, text: str) -> ParsedArguments | None:
        """`None` unless the text is this order."""
        text = " ".join(_PLACEHOLDER.sub(" ", text.replace("\u2019", "'")).split())
        said: dict[str, set[str | int]] = {name: set() for name in self.slots}
        unclear = False
        state, position = _ParserState(), 0
        while position < len(text):
            state.begin_piece(text, position)
            pieces = self._pieces if state.may_begin() else self._pieces_within
            piece = pieces.match(text, position) or state.match_report(text, position)
            if piece is None or not state.accept(piece.lastgroup or "other", piece[0].strip()):
                return None
            unclear = unclear or piece.lastgroup == "unclear"
            slot, value = self._value(piece)
            if slot:
                said[slot].add(value)
            position = piece.end()
        if not (state.ordered and state.named) or any(
            len(said[name]) > 1 for name in self._numbers
        ):
            return None
        if unclear:
            said |= {name: set() for name in self._numbers}
        arguments = {name: values.pop() for name, values in said.items() if len(values) == 1}
        questions = [slot.missing for name, slot in self.slots.items() if name not in arguments]
        return ParsedArguments(arguments=arguments, missing=tuple(questions))

    def _value(self, piece: re.Match[str]) -> tuple[str, str | int]:
        if piece.lastgroup == "numbered":
            return self._numbers[0], int(piece["number"])
        return self._values.get(str(piece.lastgroup), ("", ""))

    @cached_property
    def _numbers(self) -> list[str]:
        return [name for name, slot in self.slots.items() if not slot.values]

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, str]]:
        """Slots and values by group name."""
        pairs = [(name, value) for name, slot in self.slots.items() for value in slot.values]
        return {f"{VALUE}{number}": pair for number, pair in enumerate(pairs)}

    @cached_property
    def _pieces(self) -> re.Pattern[str]:
        return self._any_of({"doing": self.doing, **self._words})

    @cached_property
    def _pieces_within(self) -> re.Pattern[str]:
        """The pieces at positions where no verb can stand: *the dispute* is an object."""
        return self._any_of(self._words)

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, ...]]:
        kinds: dict[str, tuple[str, ...]] = {"done": self.done}
        for group, (slot, value) in self._values.items():
            kinds[group] = self.slots[slot].values[value]
        kinds |= {"beside": self.beside, "lead": LEADS, "thing": (self.thing,), "polite": POLITE}
        return kinds | {"glue": GLUE, "joint": JOINTS, "self": SELF}

    @staticmethod
    def _any_of(kinds: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
        words = [f"(?P<{kind}>{_any(said)}(?!\\w))" for kind, said in kinds.items() if said]
        numbers = f"(?P<unclear>{_UNCLEAR})|(?P<numbered>{NUMBER})"
        pieces = "|".join([*words, numbers, f"(?P<mark>{MARKS})"])
        return re.compile(rf"(?:{pieces})\s*", re.IGNORECASE)


class _ParserState:
    """The state of the parser."""

    _BEGIN: Final = frozenset({"lead", "self", "polite", "joint", "mark"})

    def __init__(self) -> None:
        self.ordered = self.named = False
        self._requested = self._in_report = self._in_free_text = False
        self._last_kind, self._last_text = "mark", ""

    def begin_piece(self, text: str, position: int) -> None:
        """Called before each piece. A clause begins after a punctuation mark or a conjunction."""
        if self._last_kind in ("mark", "joint"):
            self._in_report, self._in_free_text = bool(_REPORT.match(text, position)), False

    def match_report(self, text: str, position: int) -> re.Match[str] | None:
        """Accepts any word in a clause that only reports."""
        wanting = _REQUEST.match(text, position)
        other = _ANY_WORD.match(text, position) if self._in_report else None
        return None if other and wanting and wanting.end() == other.end() else other

    def may_begin(self) -> bool:
        """Whether a verb may follow as the first word of its clause."""
        return self._last_kind in self._BEGIN

    def accept(self, kind: str, said: str) -> bool:
        """Whether the piece is accepted. *The blocked card* does not ask for blocking, a number may be
        that of another thing, and *a letter says:* introduces no order of the speaker.
        """
        quotes = (
            kind == "mark"
            and self._in_free_text
            and (said in _QUOTE_MARKS or _REPORTING_VERB.fullmatch(self._last_text))
        )
        if quotes or (kind == "done" and not self.named):
            return False
        if kind in ("numbered", "unclear") and self._last_kind == "other":
            return False
        if kind in ("lead", "doing"):
            self._in_report = False
        self.ordered = self.ordered or kind == "doing" or (kind == "done" and self._requested)
        self._requested = self._requested or kind == "lead"
        self.named = (
            self.named or kind in ("thing", "numbered", "unclear") or kind.startswith(VALUE)
        )
        self._in_free_text = self._in_free_text or kind == "other"
        self._last_kind, self._last_text = kind, said
        return True


def without_unclear_numbers(text: str) -> str:
    return re.sub(_UNCLEAR, " ", text, flags=re.IGNORECASE)


def _any(said: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(said)})"
