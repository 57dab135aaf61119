"""Generates questions about the sample bank with the actions that answer them, deterministically by seed.

    form ─▶ text + SQL ─▶ typos ─▶ Example(prompt, completion)

The completion is the JSON action of `genai.agents.actions`: a call of the SQL tool, or an answer
that declines. `jobs.prepare` makes a data set of `samples`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Final

from genai.messages import Message
from genai.training.samples import ChatSample
from sample_bank.training import (
    counting,
    flows,
    follow_ups,
    groups,
    lookups,
    measures,
    pairs,
    parts,
    rankings,
    rates,
)
from sample_bank.training.declined import declined
from sample_bank.training.follow_ups import SEPARATOR
from sample_bank.training.form import Question
from sample_bank.training.query import Copied, Pieces
from sample_bank.training.slips import slipped

ASK: Final = '{"thought": "The database knows this.", "action": "sql", "arguments": {"query": "'
ASKED: Final = '"}}'
ANSWER: Final = '{"thought": "No query can answer this.", "answer": "'
ANSWERED: Final = '"}'

AGENT: Final = "What a tool found comes back as a message that begins with Observation:"
"""The sentence in the prompt of an agent. The model's template looks for its last word."""

CHAT: Final = 0.03
"""Share of questions without the agent's prompt."""

ONLY_SQL: Final = (
    "i am a small model that only turns questions about the bank's figures into sql."
    " i cannot talk about anything else: that takes a larger model in my place."
)

DECLINED: Final = 0.1
"""Share of questions without an answer."""

FORMS: Final[tuple[tuple[Callable[[Random], Question], int], ...]] = (
    (counting.count, 19),
    (counting.distinct, 2),
    (counting.exists, 3),
    (counting.per_one, 2),
    (counting.listing, 5),
    (measures.figure, 13),
    (flows.money_flow, 14),
    (groups.grouped, 9),
    (groups.best_group, 8),
    (groups.top_spending, 3),
    (rankings.top_rows, 7),
    (rankings.top_purchases, 2),
    (parts.share, 5),
    (parts.compare, 4),
    (parts.compare_figure, 3),
    (parts.change, 2),
    (lookups.fact, 13),
    (lookups.holding, 7),
    (lookups.latest, 2),
    (lookups.figure_of_one, 5),
    (lookups.spending_of_one, 3),
    (lookups.disputed, 3),
    (lookups.last_time, 1),
    (counting.named_person, 1),
    (groups.grouped_twice, 2),
    (groups.groups_above, 3),
    (rankings.not_first, 3),
    (groups.ranked, 3),
    (groups.next_best, 2),
    (counting.different, 2),
    (measures.per_head, 2),
    (rates.share_by, 2),
    (follow_ups.follow_up, 7),
    (pairs.count_and_figure, 2),
    (pairs.two_functions, 1),
    (pairs.listed_with, 2),
    (pairs.two_facts, 2),
    (rankings.top_received, 1),
    (rates.rate, 2),
    (rates.spent_share, 2),
    (rates.money_share, 1),
)


@dataclass(frozen=True, slots=True)
class Example:
    """``level`` is the complexity; 0 is a question without an answer."""

    prompt: str
    pieces: Pieces
    form: str
    level: int

    @property
    def completion(self) -> str:
        return "".join(self.pieces)

    @property
    def sql(self) -> str | None:
        return "".join(self.pieces[1:-1]) if self.level else None


def example(random: Random) -> Example:
    if random.random() < DECLINED:
        text, answer = declined(random)
        return Example(slipped(random, text), (ANSWER, answer, ANSWERED), "declined", 0)
    form = random.choices([form for form, _ in FORMS], [weight for _, weight in FORMS])[0]
    question = form(random)
    pieces = (ASK, *(piece for piece in question.sql if piece), ASKED)
    return Example(_slipped(random, question.text), pieces, form.__name__, max(1, question.level))


def _slipped(random: Random, text: str) -> str:
    """Applies typos to each line: the first may be the previous question."""
    return SEPARATOR.join(slipped(random, line) for line in text.split(SEPARATOR))


def examples(seed: int, count: int) -> Iterator[Example]:
    """Deterministic by seed."""
    random = Random(seed)
    for _ in range(count):
        yield example(random)


def samples(seed: int, count: int) -> Iterator[ChatSample]:
    """Distinct questions, as conversations of one turn. Called by `jobs.prepare`."""
    seen: set[str] = set()
    random = Random(seed)
    for one in examples(seed, count):
        digest = sha256(one.prompt.lower().encode()).hexdigest()[:16]
        if digest in seen:
            continue
        seen.add(digest)
        question = Message(role="user", content=one.prompt)
        if random.random() < CHAT:
            said: tuple[Message, ...] = (question, Message(role="assistant", content=ONLY_SQL))
        else:
            answer = Message(role="assistant", content=one.completion)
            said = (Message(role="system", content=AGENT), question, answer)
        yield ChatSample(
            id=digest,
            source=f"question:{digest}",
            origin=f"sample_bank/{one.form}",
            messages=said,
        )


def pieces(seed: int, count: int) -> list[str]:
    """The pieces of the answers to this many questions, without copied text.

    Single digits are no pieces: they would hide the digits of numbers.
    """
    found = {
        piece
        for one in examples(seed, count)
        for piece in one.pieces
        if not isinstance(piece, Copied) and not piece.isdigit()
    }
    return sorted(found)
