"""A retrieval-only model: it fills in the nearest worked example, or declines.

It replies with the actions of `genai.agents.actions`: for a question, the SQL of an equivalent example
with the question's values; for an observation, the example's answer with the values of the rows.
"""

import json
import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from genai.agents.actions import (
    FAILED,
    OBSERVATION,
    Action,
    FinalAnswer,
    ToolAction,
    ToolActions,
    is_observation,
)
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_message_tokens, estimate_tokens
from genai.errors import DeadlineExceeded
from genai.llms.plain_text import check_plain
from genai.messages import ChatRequest, Completion, Message, Usage
from genai.settings.models import NearestExampleSettings
from genai.tools.database import SEPARATOR
from genai.worked_examples.library import SLOT, WorkedExample, read_library
from genai.worked_examples.matching import Match, Matcher
from genai.worked_examples.mentions import Mention
from genai.worked_examples.ordering import MAX_ORDERS, ParsedOrder, complete_order, parse_orders
from genai.worked_examples.templates import fill_answer, fill_sql

THRESHOLD: Final = 0.55
SUGGESTIONS: Final = 3

UNKNOWN: Final = (
    "I don't know: I could not read that from the bank's figures with certainty, so I give no number."
    " Please ask for one figure, with what is counted, for whom and for which time, such as: {examples}"
)
TOOL_FAILED: Final = "The database could not answer, so I have no figure to give."
NOT_DONE: Final = "That was not done: {why}."
TOO_MANY: Final = (
    "Nothing was done: these are {asked} changes, and I ask for no more than {most} at a time."
    " Please order fewer at once."
)
MISSING: Final = "Nothing was done yet. {asked}"
RESULT_MARK: Final = re.compile(r"(?:^Observation: of each call)?\n\n\[\d+\] ")
ORDERED: Final = "The question orders exactly this."
PLACES: Final = ("city", "country", "merchant")
SAMPLES: Final = {"pay": "salary was paid", "period": "last month"}
"""Sample values in suggested questions, for kinds without a list of names."""
NO_SAMPLE: Final = "<"
"""Marks a slot without a sample. Such questions are not suggested."""
ARTICLE: Final = re.compile(r"\b(a)( [aeiou])", re.IGNORECASE)
LONG_WORD: Final = re.compile(r"[a-z]{5,}")
THOUGHT: Final = re.compile(r"worked example (\w+)$")


class NearestExampleLLM(BaseLLM):
    """Stateless: the thought of its last action names the example."""

    def __init__(self, name: str, settings: NearestExampleSettings, embedder: BaseEmbedder) -> None:
        self.name = name
        self._path = Path(settings.examples)
        self._embedder = embedder
        self._loaded: Matcher | None = None

    async def async_start(self) -> None:
        self._matcher.read("")

    async def async_chat(self, request: ChatRequest) -> Completion:
        if request.context.remaining_s() <= 0:
            raise DeadlineExceeded("no time is left to find an example")
        check_plain(request)
        text = (await self._reply(request.messages)).model_dump_json()
        usage = Usage(
            prompt_tokens=estimate_message_tokens(request.messages),
            completion_tokens=estimate_tokens(text),
        )
        return Completion(text=text, model=self.name, usage=usage)

    @property
    def _matcher(self) -> Matcher:
        if self._loaded is None:
            self._loaded = Matcher(read_library(self._path), self._embedder, THRESHOLD)
        return self._loaded

    async def _reply(self, messages: Sequence[Message]) -> Action:
        question = self.question(messages)
        if is_observation(messages[-1]):
            return self._conclude(question, messages)
        if ordered := self._parsed_orders(question):
            return _order_calls(ordered)
        match = await self._matcher.async_match(question)
        return _act(match) if match else self._decline(question)

    def question(self, messages: Sequence[Message]) -> str:
        """The last question, completed from the earlier ones."""
        whole = ""
        for text in user_texts(messages):
            whole = (self._completed(text, whole) if whole else None) or text
        return whole

    def _completed(self, text: str, before: str) -> str | None:
        orders = self._matcher.library.orders
        return complete_order(text, before, orders) or self._matcher.continued(text, before)

    def continued(self, question: str, before: str) -> str | None:
        """See `Matcher.continued`."""
        return self._matcher.continued(question, before)

    def mentions(self, question: str) -> tuple[Mention, ...]:
        """The names, numbers and periods in the question."""
        return self._matcher.read(question).mentions

    @property
    def today(self) -> date:
        """The date that the database treats as today."""
        return self._matcher.library.today

    @property
    def place_names(self) -> tuple[str, ...]:
        """The place names of the examples, for spelling correction."""
        values = self._matcher.library.values
        return tuple(name for kind in PLACES for name in values.get(kind, ()))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the examples' questions and names."""
        library = self._matcher.library
        asked = (ask for example in library.examples for ask in example.ask)
        named = (name for names in library.values.values() for name in names)
        return frozenset(LONG_WORD.findall(" ".join([*asked, *named]).lower()))

    def decline(self, question: str) -> str:
        """The answer that declines the question, as the text of an action."""
        return self._decline(question).model_dump_json()

    def is_out_of_scope(self, question: str) -> bool:
        return self._matcher.is_out_of_scope(question)

    def is_order(self, question: str) -> bool:
        """Whether the whole text consists of orders."""
        return bool(self._parsed_orders(question))

    def _parsed_orders(self, question: str) -> tuple[ParsedOrder, ...]:
        return parse_orders(question, self._matcher.library.orders)

    def _conclude(self, question: str, messages: Sequence[Message]) -> FinalAnswer:
        observation = messages[-1].content
        if self._parsed_orders(question):
            return FinalAnswer(thought="That is the outcome.", answer=_outcomes(observation))
        example = self._last_example(messages)
        slots = self._matcher.fill(example, question) if example else None
        if observation.startswith(FAILED) or example is None or slots is None:
            return FinalAnswer(thought="The tool failed.", answer=TOOL_FAILED)
        columns, rows, cut = parse_table(observation)
        answer = fill_answer(example, slots, columns, rows, cut=cut)
        return FinalAnswer(thought="The rows answer the question.", answer=answer)

    def made_last_action(self, messages: Sequence[Message]) -> bool:
        """Whether the last action came from this model: from an order or a worked example."""
        return self.is_order(self.question(messages)) or self._last_example(messages) is not None

    def _last_example(self, messages: Sequence[Message]) -> WorkedExample | None:
        """The example of the last action."""
        for message in reversed(messages):
            if message.role == "assistant":
                found = THOUGHT.search(_thought(message.content))
                return self._matcher.library.by_id.get(found[1]) if found else None
        return None

    def _decline(self, question: str) -> FinalAnswer:
        nearest = self._matcher.nearest(question, SUGGESTIONS * SUGGESTIONS)
        suggestions = [
            ask for example in nearest if NO_SAMPLE not in (ask := self._suggested(example))
        ]
        examples = " ".join(f'"{ask}"' for ask in suggestions[:SUGGESTIONS])
        return FinalAnswer(
            thought="No worked example asks exactly this.",
            answer=UNKNOWN.format(examples=examples),
        )

    def _suggested(self, example: WorkedExample) -> str:
        """The phrasing with the fewest slots, filled with sample values."""
        ask = min(example.ask, key=lambda one: len(SLOT.findall(one)))
        phrasing = SLOT.sub(lambda slot: self._sample(slot["kind"]), ask)
        return ARTICLE.sub(r"\1n\2", phrasing)

    def _sample(self, kind: str) -> str:
        values = self._matcher.library.values.get(kind, {})
        return SAMPLES.get(kind) or next(iter(values), NO_SAMPLE)


def user_texts(messages: Sequence[Message]) -> list[str]:
    """The user's messages, without observations."""
    return [m.content for m in messages if m.role == "user" and not is_observation(m)]


def _act(match: Match) -> ToolAction:
    return ToolAction(
        thought=f"This is asked like the worked example {match.example.id}",
        action="sql",
        arguments={"query": fill_sql(match.example, match.slots)},
    )


def _order_calls(ordered: Sequence[ParsedOrder]) -> Action:
    """A tool call for each order. Of too many orders none is carried out, rather than some."""
    if missing := tuple(dict.fromkeys(ask for one in ordered for ask in one.missing)):
        return FinalAnswer(
            thought="More has to be known.", answer=MISSING.format(asked=" ".join(missing))
        )
    if len(ordered) > MAX_ORDERS:
        answer = TOO_MANY.format(asked=len(ordered), most=MAX_ORDERS)
        return FinalAnswer(thought="That is too much at once.", answer=answer)
    calls = tuple(
        ToolAction(thought=ORDERED, action=one.tool, arguments={**one.arguments}) for one in ordered
    )
    return calls[0] if len(calls) == 1 else ToolActions(thought=ORDERED, actions=calls)


def _outcomes(observation: str) -> str:
    """The outcome of each order."""
    several = RESULT_MARK.split(observation)
    return " ".join(map(_outcome, several[1:] if len(several) > 1 else several))


def _outcome(observation: str) -> str:
    """The outcome of an order, in the words of the tool or of the person who rejected it."""
    if observation.startswith(FAILED):
        return NOT_DONE.format(why=observation.removeprefix(FAILED).strip())
    return observation.removeprefix(OBSERVATION).strip()


def _thought(action: str) -> str:
    try:
        return str(json.loads(action).get("thought", ""))
    except (ValueError, AttributeError):
        return ""


def parse_table(observation: str) -> tuple[list[str], list[list[str]], bool]:
    """Columns and rows of a result in the format of `genai.tools.database.Rows`, and whether it was cut."""
    _, head, *lines = observation.split("\n")
    last = lines.pop() if lines else ""
    columns = head.split(SEPARATOR)
    rows = [cells for line in lines if len(cells := line.split(SEPARATOR)) == len(columns)]
    return columns, rows, "there are more" in last
