"""Continues a broken stream: starts the answer again and leaves out what was already sent.

Answers from documents and databases are deterministic, and so is a model at temperature 0. If the new
answer differs from what was sent, the two must not be mixed: then the error is raised.
"""

from collections.abc import AsyncIterator, Callable

from genai.errors import BackendFailed
from genai.events import (
    ApprovalEvent,
    CitationEvent,
    DraftEvent,
    DraftStreamEvent,
    RestartEvent,
    RouteEvent,
    SpentEvent,
    StepEvent,
    TokenEvent,
)
from genai.llms.spent import noted
from genai.messages import Citation, Step, Usage
from genai.streams import closing

Begin = Callable[[Usage], AsyncIterator[DraftStreamEvent]]
"""Starts the stream again. Its argument is the usage of the attempts before."""

MOST_REPLAYS = 5


async def replayed(
    begin: Begin, broken: type[BackendFailed], *, most: int = MOST_REPLAYS
) -> AsyncIterator[DraftStreamEvent]:
    """The events of one complete answer. It is restarted after errors of the class ``broken``."""
    sent = _Sent()
    for replays in range(most + 1):
        sent.begin()
        try:
            with noted(sent.before):
                async with closing(begin(sent.before)) as events:
                    async for event in events:
                        if (new := sent.only_new(event)) is not None:
                            yield new
            return
        except broken:
            if replays == most:
                raise


class _Sent:
    """What the caller has received, and how much of it the current attempt has repeated."""

    def __init__(self) -> None:
        self.before = Usage()
        self._spent = Usage()
        self._text = ""
        self._steps: list[Step] = []
        self._citations: list[Citation] = []
        self._events: list[RouteEvent | ApprovalEvent] = []
        self._in_order = True
        self.begin()

    def begin(self) -> None:
        """Start another attempt. The usage of the last one is added to ``before``."""
        self.before += self._spent
        self._spent = Usage()
        self._text_position = 0
        self._taken = 0
        self._cited = 0
        self._to_repeat = list(map(_without_duration, self._steps))

    def only_new(self, event: DraftStreamEvent) -> DraftStreamEvent | None:
        """The new part of the event; None when the caller has received all of it."""
        match event:
            case TokenEvent():
                return self._more_text(event.text)
            case StepEvent(step=step) if not self._in_order:
                return self._unless_repeated(event, step)
            case StepEvent():
                self._taken += 1
                return self._unless_seen(event, event.step, self._steps, self._taken)
            case CitationEvent():
                self._cited += 1
                return self._unless_seen(event, event.citation, self._citations, self._cited)
            case SpentEvent():
                self._spent = event.usage
                return SpentEvent(usage=self.before + event.usage)
            case RestartEvent():
                self._text, self._text_position = "", 0
                self._citations, self._cited = [], 0
                return event
            case DraftEvent(draft=draft):
                if self._text_position < len(self._text) or self._taken < len(self._steps):
                    raise _other_answer()
                usage = self.before + draft.usage
                return DraftEvent(draft=draft.model_copy(update={"usage": usage}))
            case _:
                return self._unless_sent(event)

    def _unless_repeated(self, event: StepEvent, step: Step) -> DraftStreamEvent | None:
        """Steps of parallel branches may come in another order."""
        if _without_duration(step) in self._to_repeat:
            self._to_repeat.remove(_without_duration(step))
            self._taken += 1
            return None
        self._steps.append(step)
        self._taken += 1
        return event

    def _unless_sent(self, event: RouteEvent | ApprovalEvent) -> DraftStreamEvent | None:
        if isinstance(event, RouteEvent) and event.route == "plan":
            self._in_order = False
        if event in self._events:
            return None
        self._events.append(event)
        return event

    def _more_text(self, text: str) -> TokenEvent | None:
        known = self._text[self._text_position : self._text_position + len(text)]
        if not text.startswith(known):
            raise _other_answer()
        self._text_position += len(text)
        new = text[len(known) :]
        self._text += new
        return TokenEvent(text=new) if new else None

    def _unless_seen(
        self,
        event: StepEvent | CitationEvent,
        item: Step | Citation,
        seen: list[Step] | list[Citation],
        number: int,
    ) -> DraftStreamEvent | None:
        if number > len(seen):
            seen.append(item)  # type: ignore[arg-type]
            return event
        if _without_duration(item) != _without_duration(seen[number - 1]):
            raise _other_answer()
        return None


def _without_duration(item: Step | Citation) -> Step | Citation:
    """The item without its duration."""
    return item.model_copy(update={"seconds": 0.0}) if isinstance(item, Step) else item


def _other_answer() -> BackendFailed:
    return BackendFailed("the answer broke off", False)
