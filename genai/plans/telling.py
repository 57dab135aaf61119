"""Tells what happens in a plan while it happens, and in the same order when a run is repeated."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from genai.messages import (
    CitationEvent,
    DraftStreamEvent,
    RestartEvent,
    Step,
    StepEvent,
    TokenEvent,
    Value,
)
from genai.runs.journal import Journal


class Told(Value):
    place: str
    step: Step


class Telling:
    """Branches finish in any order. In which order their steps were told stands in the journal, so that
    whoever follows the run hears the same again.
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
        """Tell what an earlier attempt told."""
        while (told := self._journal.read(f"told/{self._count}", Told)) is not None:
            self._tell(told)

    async def async_step(self, place: str, number: int, step: Step) -> None:
        """Tell the step with this number, counted from 0, of a place; once."""
        mine = Told(place=place, step=step)
        async with self._one_at_a_time:
            while not self._knows(number, mine):
                told = await self._journal.async_write(f"told/{self._count}", mine)
                self._tell(told)
                if told == mine:
                    return

    def say(self, event: TokenEvent | CitationEvent | RestartEvent) -> None:
        """Pass on what the last one to speak says."""
        match event:
            case TokenEvent(text=text):
                self.said += text
            case CitationEvent():
                self.cited += 1
            case RestartEvent():
                self.said, self.cited = "", 0
        self._send(event)

    def _knows(self, number: int, told: Told) -> bool:
        known = self._steps[told.place][number : number + 1]
        return [_essence(step) for step in known] == [_essence(told.step)]

    def _tell(self, told: Told) -> None:
        self._count += 1
        self._steps[told.place].append(told.step)
        self._send(StepEvent(step=told.step))


def _essence(step: Step) -> Step:
    """The step without how long it took, which differs when a read is made again."""
    return step.model_copy(update={"seconds": 0.0})
