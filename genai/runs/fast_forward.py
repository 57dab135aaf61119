"""Repeats a stream without telling anything twice.

An attempt that goes on where an earlier one died tells everything from the beginning. What was told
before is left out; what contradicts it ends the run, because nobody can take back what was said.
"""

from collections import deque
from collections.abc import Sequence

from genai.errors import BackendFailed
from genai.messages import AnswerEvent, ApprovalEvent, DoneEvent, RestartEvent, TokenEvent
from genai.runs.run import FailedEvent, RunEvent


class FastForward:
    """``told`` is everything that was told. What an attempt said that ended by waiting for an approval
    is not said again once that is decided, so it is not waited for.
    """

    def __init__(self, told: Sequence[RunEvent]) -> None:
        self._events = deque[AnswerEvent]()
        self._approvals = list[ApprovalEvent]()
        self._text = ""
        for event in told:
            match event:
                case TokenEvent(text=text):
                    self._text += text
                case DoneEvent() | FailedEvent():
                    self._text = ""
                case RestartEvent():
                    self._forget()
                case ApprovalEvent():
                    self._approvals.append(event)
                case _:
                    self._events.append(event)

    def fresh(self, event: AnswerEvent) -> AnswerEvent | None:
        """What of the event was not told before. Raises `BackendFailed` when it contradicts that."""
        match event:
            case TokenEvent(text=text):
                return self._token(text)
            case ApprovalEvent():
                return None if event in self._approvals else event
            case RestartEvent():
                self._forget()
                return event
            case DoneEvent():
                if self._events or self._text:
                    raise _contradiction()
                return event
            case _ if not self._events:
                return event
            case _:
                if self._events.popleft() != event:
                    raise _contradiction()
                return None

    def _forget(self) -> None:
        """What was said is void, by the caller's own choice: nothing has to be repeated."""
        self._text = ""
        self._events.clear()

    def _token(self, text: str) -> TokenEvent | None:
        known = min(len(text), len(self._text))
        if text[:known] != self._text[:known]:
            raise _contradiction()
        self._text = self._text[known:]
        return TokenEvent(text=text[known:]) if text[known:] else None


def _contradiction() -> BackendFailed:
    return BackendFailed("the answer broke off and cannot be continued", False)
