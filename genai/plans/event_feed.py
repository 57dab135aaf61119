"""Emits the events of a plan as they happen, in an order that repeated attempts reproduce."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from genai.events import CitationEvent, DraftStreamEvent, RestartEvent, StepEvent, TokenEvent
from genai.messages import Step, Value
from genai.runs.journal import Journal


class SentStep(Value):
    place: str
    step: Step


class EventFeed:
    """Emits steps of parallel branches. They finish in any order, so the journal keeps the order in
    which they were sent, and a repeated attempt sends the same sequence.
    """

    def __init__(self, journal: Journal, send: Callable[[DraftStreamEvent], None]) -> None:
        self._journal = journal
        self._send = send
        self._steps: defaultdict[str, list[Step]] = defaultdict(list)
        self._count = 0
        self._one_at_a_time = asyncio.Lock()
        self.said = ""
        self.cited = 0

    def repeat(self) -> None:
        """Sends the steps of earlier attempts again."""
        while (told := self._journal.read(f"told/{self._count}", SentStep)) is not None:
            self._tell(told)

    async def async_step(self, place: str, number: int, step: Step) -> None:
        """Sends step ``number`` (from 0) of ``place``, unless it was sent already."""
        mine = SentStep(place=place, step=step)
        async with self._one_at_a_time:
            while not self._knows(number, mine):
                told = await self._journal.async_write(f"told/{self._count}", mine)
                self._tell(told)
                if told == mine:
                    return

    def say(self, event: TokenEvent | CitationEvent | RestartEvent) -> None:
        """Passes on an event of the node that writes the answer."""
        match event:
            case TokenEvent(text=text):
                self.said += text
            case CitationEvent():
                self.cited += 1
            case RestartEvent():
                self.said, self.cited = "", 0
        self._send(event)

    def _knows(self, number: int, told: SentStep) -> bool:
        known = self._steps[told.place][number : number + 1]
        return [_essence(step) for step in known] == [_essence(told.step)]

    def _tell(self, told: SentStep) -> None:
        self._count += 1
        self._steps[told.place].append(told.step)
        self._send(StepEvent(step=told.step))


def _essence(step: Step) -> Step:
    """The step without its duration, which differs between attempts."""
    return step.model_copy(update={"seconds": 0.0})
