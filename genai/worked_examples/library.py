"""The file of worked examples: questions, the SQL that answers them, and the wording of the answer.

    today: 2026-06-30
    values:                                   kinds of value that a question can name
      city: {Lisbon: [lisbon, lisboa]}        value: regular expressions for it
    heads: {card_status: cards?}              the noun that resolves a word of several kinds
    implies: {loan_kind: loan}                such a value implies this concept
    concepts: {count: [how many, number of]}  question and phrasing must have the same concepts
    optional: {money: [how much]}             these may differ, at a lower score
    neutral: [please, the]                    words without meaning
    elsewhere: ['my']                         marks questions that ask for no figure of the bank
    orders: [...]                             requests for actions: see `orders`
    examples:
      - id: customers
        ask: ["How many customers live in {city}?"]
        sql: SELECT COUNT(*) AS n FROM customers WHERE 1 = 1 [[AND city = {city}]]
        answer: "There are {n} customers[[ in {city}]]."

A slot is ``{kind}`` or ``{kind|default}``; ``[[...]]`` is left out if its slot is not filled. A question
with a word that is in none of the lists matches no example.
"""

import re
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import yaml
from pydantic import Field, ValidationError

from genai.errors import Misconfigured
from genai.worked_examples.orders import Order, StrictModel

SLOT: Final = re.compile(r"\{(?P<kind>\w+)(?:\.(?P<part>\w+))?(?:\|(?P<default>\w+))?\}")
OPTIONAL: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


class WorkedExample(StrictModel):
    """``row`` is the wording of each row, inserted into ``answer`` as ``{rows}``."""

    id: str
    ask: tuple[str, ...] = Field(min_length=4)
    sql: str
    answer: str
    row: str = ""
    nothing: str = "I found nothing that matches that."

    @cached_property
    def slots(self) -> frozenset[str]:
        return frozenset(slot["kind"] for slot in SLOT.finditer(self.sql))

    @cached_property
    def required(self) -> frozenset[str]:
        fixed = SLOT.finditer(OPTIONAL.sub("", self.sql))
        return frozenset(slot["kind"] for slot in fixed if not slot["default"])


class Library(StrictModel):
    today: date
    values: dict[str, dict[str, tuple[str, ...]]]
    heads: dict[str, str] = {}
    implies: dict[str, str] = {}
    concepts: dict[str, tuple[str, ...]]
    optional: dict[str, tuple[str, ...]] = {}
    neutral: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    examples: tuple[WorkedExample, ...]

    @cached_property
    def by_id(self) -> dict[str, WorkedExample]:
        return {example.id: example for example in self.examples}


def read_library(path: Path) -> Library:
    """Raises `Misconfigured` if the file is missing or invalid."""
    try:
        return Library.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"the worked examples of {path.name} cannot be read") from error
