"""Turns questions about figures into SQL, as far as a small trained model can be trusted with it.

    question ─▶ a worked example of the same question ─▶ its SQL
             └▶ several replies of the model ─▶ those that cover the whole question
                                             ─▶ what most of them agree on, or a refusal;
                                                nearly all, if a second reader doubts it
             └▶ two questions in one ─▶ each by itself ─▶ one query for both
    observation ─▶ the rows in words

The model never states a number: it writes the query, and this code puts the rows into words.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from genai.agents.actions import (
    FAILED,
    Action,
    FinalAnswer,
    ToolAction,
    is_observation,
    parse_action,
)
from genai.analyst.checks.checks import Checks
from genai.analyst.checks.ignored import Ignored
from genai.analyst.checks.personal import looks_for_data
from genai.analyst.compositions.corrections import corrected
from genai.analyst.compositions.derived import Derivation
from genai.analyst.compositions.implied_counts import ImpliedCounts
from genai.analyst.compositions.over_all import OverAll
from genai.analyst.compositions.parts import (
    asks_twice,
    together,
    two_parts,
    with_shared_period,
)
from genai.analyst.compositions.ties import tied, with_ties
from genai.analyst.reading.coreference import Coreference
from genai.analyst.reading.follow_ups import FollowUps, joined
from genai.analyst.reading.normalise import normalised
from genai.analyst.reading.open_references import has_open_reference
from genai.analyst.reading.second_reader import read_reader
from genai.analyst.reading.unknown_words import corrected_spelling, has_unknown_condition
from genai.analyst.row_text import rows_in_words
from genai.analyst.select_list import selected
from genai.analyst.understood import Understanding
from genai.analyst.vocabulary import read_vocabulary
from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, InvalidInput, Overloaded
from genai.llms.plain_text import check_plain
from genai.messages import ChatRequest, Completion, Message, Sampling, Usage
from genai.settings.models import AnalystSettings
from genai.worked_examples.nearest_example import TOOL_FAILED, NearestExampleLLM, parse_table

ACTION_TOKENS: Final = 160
INSTRUCTION: Final = "What a tool found comes back as a message that begins with Observation:"
"""The whole system prompt: the model was trained on the schema."""

MIN_SHARE: Final = 0.2
TWICE: Final = 2
UNREACHABLE: Final = 2.0
"""Above 1, so no number of replies suffices."""

THOUGHT: Final = "The database knows this."
FOUND: Final = "The rows answer the question."
UNKNOWN_REFERENCE: Final = FinalAnswer(
    thought="It is not known who or what is meant.",
    answer="I do not know who or what you mean, so I give no number. Please name them in the question.",
)


class AnalystLLM(BaseLLM):
    """Stateless. An observation is put into words from its rows, unless the query came from a worked
    example.
    """

    def __init__(
        self, name: str, settings: AnalystSettings, model: BaseLLM, worked: NearestExampleLLM
    ) -> None:
        self.name = name
        self._settings = settings
        self._model = model
        self._worked = worked
        words = read_vocabulary(Path(settings.words))
        self._checks = Checks(words)
        self._follow_ups = FollowUps(words.nouns)
        self._coreference = Coreference(words.pointed, words.nouns)
        self._understanding = Understanding(words.told)
        self._born = words.born
        self._over_all = OverAll(words.counted)
        nouns = tuple(name for table in words.counted.tables.values() for name in table.called)
        self._numbered = ImpliedCounts(nouns, words.comparing, words.derived.measures)
        self._derivation = Derivation(words.derived, nouns, lambda: worked.today)
        self._other_places = frozenset(words.other_places)
        self._reader = read_reader(Path(settings.reader)) if settings.reader else None
        self._ignored = Ignored(words, self._reader) if self._reader else None

    async def async_start(self) -> None:
        await self._worked.async_start()

    async def async_chat(self, request: ChatRequest) -> Completion:
        check_plain(request)
        find = self._worked.mentions
        if not self._worked.is_order(self._worked.question(request.messages)):
            messages = self._coreference.resolved(request.messages, find)
            request = request.model_copy(update={"messages": messages})
        if is_observation(request.messages[-1]):
            return await self._conclude(request)
        worked = await self._worked.async_chat(request)
        asked = self._worked.question(request.messages)
        question, before = self._follow_ups.read(request.messages, find, self._worked.continued)
        if self._worked.is_order(asked) or self._worked.is_out_of_scope(question):
            return worked
        unresolved = has_open_reference if before is None else self._follow_ups.lacks_one
        if self._coreference.open_word(question, find) or (not before and unresolved(question)):
            return worked.model_copy(update={"text": UNKNOWN_REFERENCE.model_dump_json()})
        if before == "":  # what it leans on is not known, and an example would answer without it
            return self._declined(worked, question) if _looks_up(worked) else worked
        known = parse_action(worked.text)
        if question == asked and before is None and self._serves(question, known):
            found = looks_for_data(question, _query_of(known))
            return worked if found else self._declined(worked, question)
        try:
            chosen, usage = await self._answer(request, question, before or "")
            chosen = (
                self._completed(question, chosen)
                if looks_for_data(question, _query_of(chosen))
                else None
            )
            if asks_twice(question) and len(selected(_query_of(chosen))) < TWICE:
                chosen = chosen if isinstance(chosen, FinalAnswer) else None
        except (BackendFailed, Overloaded) as error:
            return worked.model_copy(update={"degraded": f"{self._model.name}: {error.message}"})
        text = chosen.model_dump_json() if chosen else self._worked.decline(question)
        return Completion(text=text, model=self.name, usage=worked.usage + usage)

    def _declined(self, worked: Completion, question: str) -> Completion:
        return worked.model_copy(update={"text": self._worked.decline(question)})

    async def _answer(
        self, request: ChatRequest, question: str, before: str
    ) -> tuple[Action | None, Usage]:
        """Answers the parts of a double question one by one, any other question as a whole."""
        usage = Usage()
        if not before:
            question = self._numbered.as_count(self._normalised(question), self._worked.mentions)
        if parts := two_parts(question):
            parts = with_shared_period(parts, self._worked.mentions)
            rest = self._coreference.whole(parts[1], parts[0], "", self._worked.mentions)
            if self._coreference.open_word(rest, self._worked.mentions):
                return None, usage
            parts = (parts[0], rest)
            first, used = await self._one(request, parts[0], before)
            stands = self._follow_ups.has_noun(parts[1]) and not self._follow_ups.points_back(
                parts[1]
            )
            leant_on = "" if stands else parts[0]
            second, more = await self._one(request, parts[1], leant_on)
            usage += used + more
            query = together(_query_of(first), _query_of(second))
            if query is not None:
                return _looked_up(query), usage
            whole, used = await self._one(request, question, before)
            return (whole if self._answers_both(parts, _query_of(whole)) else None), usage + used
        chosen, used = await self._one(request, question, before)
        usage += used
        if before or isinstance(chosen, ToolAction):
            return chosen, usage
        other, used = await self._derived(request, question)
        return other or chosen, usage + used

    def _answers_both(self, parts: tuple[str, str], query: str) -> bool:
        """Whether one query has two columns, under conditions that the first part calls for; one without a
        subject shares those of the second.
        """
        first = parts[0] if self._follow_ups.has_noun(parts[0]) else " ".join(parts)
        return _columns(query) >= TWICE and self._checks.unasked.asked(
            first, self._worked.mentions(first), query
        )

    def _completed(self, question: str, action: Action | None) -> Action | None:
        query = _query_of(action)
        return _looked_up(with_ties(self._over_all.over_all(question, query))) if query else action

    async def _derived(
        self, request: ChatRequest, question: str
    ) -> tuple[ToolAction | None, Usage]:
        """Combines the answers to simpler questions."""
        usage = Usage()
        find = self._worked.mentions
        for way in self._derivation.ways(question, find):
            queries = []
            for asked in way.questions:
                action, used = await self._one(request, asked, "")
                usage += used
                queries.append(_query_of(action))
            query = way.finish(*queries) if all(queries) else None
            passes = self._checks.trusted if way.alike else self._checks.complete
            if query and passes(question, query, find):
                return _looked_up(query), usage
        return None, usage

    async def _one(
        self, request: ChatRequest, question: str, before: str
    ) -> tuple[Action | None, Usage]:
        question, before = self._normalised(question), self._normalised(before)
        whole = joined(before, question) if before else question
        sampled, samples = self._settings.temperature, self._settings.samples
        temperatures = (0.0, *(sampled for _ in range(samples - 1)))
        replies = await self._ask(request, whole, temperatures)
        valid = self._valid(question, before, replies)
        chosen = self._agreed(whole, valid, len(replies))
        if chosen is None and self._settings.more:
            again = await self._ask(request, whole, (sampled,) * self._settings.more, samples)
            replies = [*replies, *again]
            valid += self._valid(question, before, again)
            chosen = self._leading(whole, valid, len(replies))
        return chosen, sum((one.usage for one in replies), Usage())

    def _normalised(self, question: str) -> str:
        """The question in the form of the training data: numbers as digits, typos corrected."""
        text = normalised(question, self._worked.place_names, self._other_places)
        if self._reader is None:
            return text
        return corrected_spelling(text, self._reader.knows, self._worked.words)

    async def _ask(
        self, request: ChatRequest, question: str, temperatures: Sequence[float], first: int = 0
    ) -> list[Completion]:
        """Asks for a reply at each temperature, concurrently."""
        messages = (
            Message(role="system", content=INSTRUCTION),
            Message(role="user", content=question),
        )
        calls = (
            self._model.async_chat(
                request.model_copy(
                    update={
                        "messages": messages,
                        "sampling": Sampling(
                            max_tokens=ACTION_TOKENS, temperature=temperature, seed=seed
                        ),
                    }
                )
            )
            for seed, temperature in enumerate(temperatures, start=first)
        )
        return list(await asyncio.gather(*calls))

    def _valid(self, question: str, before: str, replies: Sequence[Completion]) -> list[Action]:
        """The replies whose query passes all checks."""
        actions = [
            self._corrected(question, action) for one in replies if (action := _read(one.text))
        ]
        return [action for action in actions if self._is_valid(question, before, action)]

    def _corrected(self, question: str, action: Action) -> Action:
        if not isinstance(action, ToolAction):
            return action
        query = _query_of(action)
        right = self._checks.unasked.without(question, corrected(question, query, self._born))
        return action if right == query else _looked_up(right)

    def _agreed(self, question: str, valid: Sequence[Action], replies: int) -> Action | None:
        """The action of enough of the first replies."""
        ranked = self._ranked(valid)
        if not ranked or ranked[0][1] < self._required_share(question, ranked[0][0]) * replies:
            return None
        return ranked[0][0]

    def _leading(self, question: str, valid: Sequence[Action], replies: int) -> Action | None:
        """The action with a clear lead among all replies, unless it is doubted."""
        ranked = self._ranked(valid)
        if not ranked:
            return None
        (best, count), others = ranked[0], ranked[1:]
        second = others[0][1] if others else 0
        clear = count >= MIN_SHARE * replies and count >= TWICE * second
        return (
            best
            if clear and self._required_share(question, best) <= self._settings.agreement
            else None
        )

    def _ranked(self, actions: Sequence[Action]) -> list[tuple[Action, int]]:
        """The actions with their counts, most frequent first; the order of conditions does not matter."""
        first: dict[str, Action] = {}
        said: Counter[str] = Counter()
        for action in actions:
            key = self._understanding.ordered(_query_of(action)) or action.model_dump_json()
            first.setdefault(key, action)
            said[key] += 1
        return [(first[key], count) for key, count in said.most_common()]

    def _required_share(self, question: str, chosen: Action) -> float:
        """The share of replies that must agree on the action."""
        query = _query_of(chosen)
        reader = self._reader
        if reader is None or not query:
            return self._settings.agreement
        if reader.puzzles(question) or has_unknown_condition(question, reader.knows):
            return UNREACHABLE
        if self._ignored and self._ignored.ignores(
            question, self._worked.mentions(question), query
        ):
            return UNREACHABLE
        doubted = reader.doubts(question, query)
        return self._settings.doubted if doubted else self._settings.agreement

    def _is_valid(self, question: str, before: str, action: Action) -> bool:
        """A reason to decline is always valid."""
        if not isinstance(action, ToolAction):
            return isinstance(action, FinalAnswer)
        return self._checks.trusted(question, _query_of(action), self._worked.mentions, before)

    def _serves(self, question: str, worked: Action) -> bool:
        """Whether the query of the worked example computes what is asked."""
        query = _query_of(worked)
        if not isinstance(worked, ToolAction) or not query:
            return isinstance(worked, ToolAction)
        if asks_twice(question) and len(selected(query)) < TWICE:
            return False
        if two_parts(question) and _columns(query) < TWICE:
            return False
        return self._checks.served(question, query, self._worked.mentions)

    async def _conclude(self, request: ChatRequest) -> Completion:
        if self._worked.made_last_action(request.messages):
            return await self._worked.async_chat(request)
        *before, last = request.messages
        answer = TOOL_FAILED
        if not last.content.startswith(FAILED):
            columns, rows, cut = parse_table(last.content)
            answer = _with(
                self._understanding.understood(_query(before)),
                rows_in_words(columns, rows, cut=cut),
            )
            answer = f"{answer} {tied(columns, rows)}".rstrip()
        text = FinalAnswer(thought=FOUND, answer=answer).model_dump_json()
        return Completion(text=text, model=self.name, usage=Usage())


def _looks_up(completion: Completion) -> bool:
    return _query_of(parse_action(completion.text)) != ""


def _columns(query: str) -> int:
    """The number of columns besides those that name a group."""
    columns = selected(query) if query else ()
    return len(columns) - sum(column in query.partition(" GROUP BY ")[2] for column in columns)


def _looked_up(query: str) -> ToolAction:
    return ToolAction(thought=THOUGHT, action="sql", arguments={"query": query})


def _query_of(action: Action | None) -> str:
    return str(action.arguments.get("query", "")) if isinstance(action, ToolAction) else ""


def _query(messages: Sequence[Message]) -> str:
    """The last query that was run."""
    said = [m.content for m in messages if m.role == "assistant"]
    return _query_of(_read(said[-1])) if said else ""


def _with(how: str, answer: str) -> str:
    """The answer, with the conditions that were understood."""
    return f"{answer.removesuffix('.')} ({how})." if how else answer


def _read(text: str) -> Action | None:
    try:
        return parse_action(text)
    except InvalidInput:
        return None
