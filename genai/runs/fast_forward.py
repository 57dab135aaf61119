"""Skips the events of a repeated attempt that were already sent.

An attempt that continues a broken one produces all events from the beginning. Those sent before are
dropped. A contradiction ends the run, because sent events cannot be taken back.
"""

from collections import deque
from collections.abc import Sequence

from genai.errors import BackendFailed
from genai.events import AnswerEvent, ApprovalEvent, DoneEvent, RestartEvent, TokenEvent
from genai.runs.run import FailedEvent, RunEvent


class FastForward:
    """``sent`` are all events sent so far. The text of an attempt that ended by waiting for an approval
    is not expected again.
    """

    def __init__(self, sent: Sequence[RunEvent]) -> None:
        self._events = deque[AnswerEvent]()
        self._approvals = list[ApprovalEvent]()
        self._text = ""
        for event in sent:
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
        """The part of the event that is new. Raises `BackendFailed` when it contradicts sent events."""
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
        """After a restart, nothing has to be repeated."""
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
