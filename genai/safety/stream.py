"""Checks a text while it is streamed, and never releases a character that a check would remove.

    pieces ──▶ pending ──▶ guard ──▶ released
                 ▲  └── held back: could still become a match
                 └── the last 64 released characters, and the header of an open table, as context

Only one inspection runs at a time, and text that arrives meanwhile is inspected together. So a remote
guard costs one call per flush, not per token.
"""

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from genai.messages import Decision, RequestContext
from genai.safety.base import LOOKBEHIND, Guard
from genai.safety.folding import readings, tail
from genai.safety.json_values import JSONValues
from genai.safety.placeholders import Placeholders
from genai.safety.refusal import refusal
from genai.safety.tables.headers import context_spans
from genai.safety.worst_decisions import worst_decisions
from genai.streams import closing, ready_batches

Other = TypeVar("Other")


class StreamGuard(Generic[Other]):
    """Guards one stream; ``decisions`` has the result afterwards.

    The caller's own data is replaced by ``placeholders``, other personal data is redacted.
    """

    def __init__(
        self, guard: Guard, context: RequestContext, placeholders: Placeholders | None = None
    ) -> None:
        self._guard = guard
        self.context = context
        self._placeholders = placeholders or Placeholders(context)
        self._released = ""
        self._pending = ""
        self._values = JSONValues()
        self._decisions: tuple[Decision, ...] = ()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The worst decision of each check so far; complete once the stream has ended."""
        return self._decisions

    def forget(self) -> None:
        """Starts another text, because the last one is void. Keeps the decisions."""
        self._released = self._pending = ""
        self._values = JSONValues()

    async def async_filter(self, pieces: AsyncIterator[str | Other]) -> AsyncIterator[str | Other]:
        """Yields the redacted text in parts. Items that are not text pass at once, unchecked.

        Raises `ContentRefused` if a check blocks, `GuardUnavailable`, and the errors of ``pieces``;
        text that was held back is then never shown. Closing the iterator stops the work.
        """
        async with closing(ready_batches(pieces)) as batches:
            async for batch in batches:
                for item in batch:
                    if isinstance(item, str):
                        self._pending += item
                    else:
                        yield item
                if text := await self._async_release(final=False):
                    yield text
        if text := await self._async_release(final=True):
            yield text

    async def _async_release(self, *, final: bool) -> str:
        if not self._pending and not final:
            return ""
        verdict = await self._guard.async_inspect(
            self._released + self._pending,
            "output",
            self.context,
            final=final,
            start=len(self._released),
        )
        if verdict.decisions:
            self._decisions = worst_decisions((*self._decisions, *verdict.decisions))
        if verdict.action == "block":
            raise refusal(verdict)
        seen = self._pending[: verdict.consumed]
        self._released = _context(self._released + seen)
        self._pending = self._pending[verdict.consumed :]
        shown = self._values.feed(self._placeholders.recognise(verdict.text, verdict.originals))
        return shown + self._values.rest() if final else shown


def _context(text: str) -> str:
    """What the checks need to know of the released text: the longest of what its readings need."""
    needed = [tail(text, LOOKBEHIND)]
    for read in readings(text, final=False):
        spans = context_spans(read.text, LOOKBEHIND)
        places = [(read.position(start), read.position(end)) for start, end in spans]
        *headers, (begins, _) = places
        needed.append("".join(text[start:end] for start, end in headers) + text[begins:])
    return max(needed, key=len)
