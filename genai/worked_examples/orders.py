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
NUMBER: Final = r"(?:(?:number|no\.?|nr\.?|id)\s*[:#]?\s*|#\s*)?(?P<number>\d{1,9})(?![\d.,]*\d)"
MARKS: Final = r"[,;:.!?()\u2013\u2014\"'-]"


_TELLING: Final = re.compile(
    r"(?:i|we|he|she|it|they|there|the|an?|my|our|his|her|their|this|that|some(?:body|one)|cards?|transaction"
    r"|payment|customers?|clients?)\b"
    r"(?:(?![,;:.!?]|\b(?:and|so|because|since)\b).)*?"
    r"\b(?:is|was|are|were|has|have|had|did|does|do|got|gets?|looks?|seems?|says?|said|lost|stole|took|came"
    r"|found|left|went|\w{2,}ed|\w{3,}(?<!s)s)\b",
    re.IGNORECASE,
)
"""A subject and a verb."""

_WHOSE: Final = re.compile(
    rf"(?:(?i:\b(?:of|for|to|from|at|by|with|under))\s+)?{STANDS_FOR_DATA.pattern}"
)
"""Placeholders of personal data that are given with an order but are no argument."""

_OTHER: Final = re.compile(r"[a-z][a-z'-]*\s*", re.IGNORECASE)
_WANTING: Final = re.compile(
    r"(?:know|tell|ask\w*|wh\w+|how|if|or|unless|wonder\w*|questions?|also|too|instead|must|should|shall|need\w*"
    r"|want\w*|wish\w*|like\w*|please|do not|don't|you\w*|only)\s*",
    re.IGNORECASE,
)
"""Words that ask for more than the order."""

_QUOTING: Final = (":", '"', "'", "\u2013", "\u2014", "-")
_SAYING: Final = re.compile(
    r"says?|said|states?|stated|reads?|writes?|wrote|tells?|told", re.IGNORECASE
)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Slot(Part):
    """An argument: one of ``values``, each with its words, or without values a number.

    ``missing`` is the question for a missing argument.
    """

    missing: str
    values: dict[str, tuple[str, ...]] = {}


class Filled(Part):
    """The arguments of an order, and the questions for the missing ones."""

    arguments: dict[str, str | int]
    missing: tuple[str, ...] = ()


class Order(Part):
    tool: str
    doing: tuple[str, ...] = Field(min_length=1)
    done: tuple[str, ...] = ()
    thing: str
    beside: tuple[str, ...] = ()
    slots: dict[str, Slot] = Field(min_length=1)

    def read(self, text: str) -> Filled | None:
        """`None` unless the text is this order."""
        text = " ".join(_WHOSE.sub(" ", text.replace("\u2019", "'")).split())
        said: dict[str, set[str | int]] = {name: set() for name in self.slots}
        reading, place = _Reading(), 0
        while place < len(text):
            reading.at(text, place)
            pieces = self._pieces if reading.may_begin() else self._pieces_within
            piece = pieces.match(text, place) or reading.told(text, place)
            if piece is None or not reading.take(piece.lastgroup or "other", piece[0].strip()):
                return None
            slot, value = self._value(piece)
            if slot:
                said[slot].add(value)
            place = piece.end()
        if not (reading.ordered and reading.named) or any(
            len(said[name]) > 1 for name in self._numbers
        ):
            return None
        arguments = {name: values.pop() for name, values in said.items() if len(values) == 1}
        lacking = [slot.missing for name, slot in self.slots.items() if name not in arguments]
        return Filled(arguments=arguments, missing=tuple(lacking))

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
        pieces = "|".join([*words, f"(?P<numbered>{NUMBER})", f"(?P<mark>{MARKS})"])
        return re.compile(rf"(?:{pieces})\s*", re.IGNORECASE)


class _Reading:
    """The state of the parser."""

    _BEGIN: Final = frozenset({"lead", "self", "polite", "joint", "mark"})

    def __init__(self) -> None:
        self.ordered = self.named = False
        self._wanted = self._tells = self._told = False
        self._before, self._said = "mark", ""

    def at(self, text: str, place: int) -> None:
        """A clause begins after a punctuation mark or a conjunction."""
        if self._before in ("mark", "joint"):
            self._tells, self._told = bool(_TELLING.match(text, place)), False

    def told(self, text: str, place: int) -> re.Match[str] | None:
        """Accepts any word in a clause that only reports."""
        wanting = _WANTING.match(text, place)
        other = _OTHER.match(text, place) if self._tells else None
        return None if other and wanting and wanting.end() == other.end() else other

    def may_begin(self) -> bool:
        """Whether a verb may follow as the first word of its clause."""
        return self._before in self._BEGIN

    def take(self, kind: str, said: str) -> bool:
        """Whether the piece is accepted. *The blocked card* does not ask for blocking, a number may be
        that of another thing, and *a letter says:* introduces no order of the speaker.
        """
        quotes = (
            kind == "mark" and self._told and (said in _QUOTING or _SAYING.fullmatch(self._said))
        )
        if quotes or (kind == "done" and not self.named):
            return False
        if kind == "numbered" and self._before == "other":
            return False
        if kind in ("lead", "doing"):
            self._tells = False
        self.ordered = self.ordered or kind == "doing" or (kind == "done" and self._wanted)
        self._wanted = self._wanted or kind == "lead"
        self.named = self.named or kind in ("thing", "numbered") or kind.startswith(VALUE)
        self._told = self._told or kind == "other"
        self._before, self._said = kind, said
        return True


def _any(said: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(said)})"
