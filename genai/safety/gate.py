"""The checks around one request: everything that enters or leaves the core passes the gate.

admit ──▶ core ──▶ release_draft, release_events
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from genai.errors import GuardUnavailable
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
from genai.messages import Citation, Decision, Draft, RequestContext, Step
from genai.meter import Meter
from genai.safety.base import Guard, Stage, Verdict
from genai.safety.json_values import with_json_values
from genai.safety.placeholders import Placeholders, Restoring
from genai.safety.refusal import refusal
from genai.safety.stream import StreamGuard
from genai.streams import closing

SEPARATOR = "\x02"
"""Separates texts that are inspected in one call. No check's pattern matches across it."""


class Gate:
    """One per request. ``decisions`` collects the decisions of all checks.

    All methods raise `ContentRefused` when a check blocks, and `GuardUnavailable` when one cannot run.
    """

    def __init__(
        self,
        guard: Guard,
        context: RequestContext,
        meter: Meter | None = None,
        placeholders: Placeholders | None = None,
    ) -> None:
        self._guard = guard
        self.context = context
        self._stream: StreamGuard[DraftStreamEvent] | None = None
        self._meter = meter or Meter()
        self.placeholders = placeholders or Placeholders(context)
        self.decisions: list[Decision] = []

    def on_route(self, route: str) -> None:
        """Apply the checks of this route from now on."""
        self.context = self.context.model_copy(update={"route": route})
        if self._stream is not None:
            self._stream.context = self.context

    async def admit_all(self, texts: Sequence[str]) -> list[str]:
        """The caller's texts, checked, with placeholders for personal data."""
        separator = _separator_for(texts)
        verdict, _ = await asyncio.gather(
            self._inspect(separator.join(texts), "input"), self.placeholders.async_load()
        )
        text = await self.placeholders.async_hide(verdict.text, verdict.originals)
        return _split(text, separator, len(texts))

    async def release_all(self, texts: Sequence[str]) -> list[str]:
        """The core's texts, checked. The caller's data still has placeholders."""
        separator = _separator_for(texts)
        verdict = await self._inspect(separator.join(texts), "output")
        text = self.placeholders.recognise(verdict.text, verdict.originals)
        return _split(text, separator, len(texts))

    async def _inspect(self, text: str, stage: Stage) -> Verdict:
        verdict = await self._guard.async_inspect(text, stage, self.context)
        self.decisions.extend(verdict.decisions)
        if verdict.action == "block":
            raise refusal(verdict)
        return verdict

    async def release_draft(self, draft: Draft) -> Draft:
        """The complete answer as it may be stored: text, citations, and tool results are checked."""
        self.on_route(draft.route)
        self.decisions.extend(draft.safety)
        return _with_shown(draft, await self.release_all(_shown(draft)))

    def restored(self, draft: Draft) -> Draft:
        """A released answer as its caller may see it: with the personal data that the caller gave."""
        if not self.placeholders.data:
            return draft
        text, *details = _shown(draft)
        back = [self.placeholders.restore(detail) for detail in details]
        json_texts = slice(len(draft.citations) * len(_CITED), None, _OF_STEP)
        back[json_texts] = map(self.placeholders.restore_json, details[json_texts])
        return _with_shown(draft, [self.placeholders.restore(text), *back])

    async def release_events(
        self, events: AsyncIterator[DraftStreamEvent]
    ) -> AsyncIterator[DraftStreamEvent]:
        """The checked events of an answer; the last is its `DraftEvent`.

        Events are as the caller may see them; the draft of the last one is as it may be stored.
        """
        stream = self._stream = StreamGuard(self._guard, self.context, self.placeholders)
        restoring = Restoring(self.placeholders)
        drafts: list[Draft] = []
        texts: list[str] = []
        async with closing(stream.async_filter(self._pieces(events, drafts))) as released:
            async for item in released:
                if isinstance(item, RestartEvent):
                    stream.forget()
                    texts.clear()
                    restoring = Restoring(self.placeholders)
                if not isinstance(item, str):
                    yield item
                    continue
                texts.append(item)
                if shown := restoring.feed(item):
                    yield TokenEvent(text=shown)
        if shown := restoring.rest():
            yield TokenEvent(text=shown)
        self.decisions.extend((*drafts[-1].safety, *stream.decisions))
        draft = drafts[-1].model_copy(update={"text": "".join(texts)})
        yield DraftEvent(draft=await self._release_details(draft))

    async def _pieces(
        self, events: AsyncIterator[DraftStreamEvent], drafts: list[Draft]
    ) -> AsyncIterator[str | DraftStreamEvent]:
        """The text of tokens, and the other events after their check. Collects the draft."""
        async with closing(events) as source:
            async for event in source:
                if isinstance(event, TokenEvent):
                    self._meter.add_text(event.text)
                    yield event.text
                elif isinstance(event, SpentEvent):
                    self._meter.spent = event.usage
                elif isinstance(event, RestartEvent):
                    yield event
                elif isinstance(event, RouteEvent):
                    self.on_route(event.route)
                elif isinstance(event, DraftEvent):
                    self._meter.spent = event.draft.usage
                    drafts.append(event.draft)
                else:
                    yield await self._release_detail(event)

    async def _release_detail(
        self, event: StepEvent | CitationEvent | ApprovalEvent
    ) -> DraftStreamEvent:
        if isinstance(event, StepEvent):
            alone = Draft(text="", route="agent", model="", steps=(event.step,))
            return StepEvent(step=(await self._shown_details(alone)).steps[0])
        if isinstance(event, ApprovalEvent):
            waiting = Draft(text="", route="agent", model="", approval=event.approval)
            shown = (await self._shown_details(waiting)).approval
            return ApprovalEvent(approval=shown or event.approval)
        alone = Draft(text="", route="rag", model="", citations=(event.citation,))
        return CitationEvent(citation=(await self._shown_details(alone)).citations[0])

    async def _shown_details(self, draft: Draft) -> Draft:
        return self.restored(await self._release_details(draft))

    async def _release_details(self, draft: Draft) -> Draft:
        """The draft with citations and tool results checked; its text already was."""
        _, *details = _shown(draft)
        if not details:
            return draft
        return _with_shown(draft, [draft.text, *await self.release_all(details)])


_CITED = ("quote", "title", "section")
"""The texts of a citation. Title and section are chosen by the document's author, so they are checked,
too.
"""


_OF_STEP = 3
"""The texts of a step: its arguments, its result and its error."""


def _shown(draft: Draft) -> list[str]:
    """All texts of the draft that a caller will see, the answer first."""
    quotes = [getattr(citation, name) for citation in draft.citations for name in _CITED]
    seen = [t for s in draft.steps for t in (s.arguments, s.observation, s.error or "")]
    waiting = [draft.approval.arguments] if draft.approval else []
    return [draft.text, *quotes, *seen, *waiting]


def _with_shown(draft: Draft, shown: Sequence[str]) -> Draft:
    """The inverse of `_shown`."""
    count = len(draft.citations) * len(_CITED)
    quotes, seen = shown[1 : 1 + count], shown[1 + count :]
    cited = [quotes[place :: len(_CITED)] for place in range(len(_CITED))]
    approval = draft.approval
    if approval is not None:
        *seen, arguments = seen
        approval = approval.model_copy(update={"arguments": arguments})
    citations: list[Citation] = [
        citation.model_copy(update=dict(zip(_CITED, said, strict=True)))
        for citation, *said in zip(draft.citations, *cited, strict=True)
    ]
    steps: list[Step] = [
        step.model_copy(update={"arguments": said, "observation": found, "error": error or None})
        for step, said, found, error in zip(
            draft.steps, *(seen[place::_OF_STEP] for place in range(_OF_STEP)), strict=True
        )
    ]
    return draft.model_copy(
        update={
            "text": shown[0],
            "citations": tuple(citations),
            "steps": tuple(steps),
            "approval": approval,
        }
    )


def _split(text: str, separator: str, count: int) -> list[str]:
    """Splits the joined texts. Those that were JSON still are."""
    parts = text.split(separator)
    if len(parts) != count:
        raise GuardUnavailable("a safety check could not tell texts apart")
    return [with_json_values(part) for part in parts]


def _separator_for(texts: Sequence[str]) -> str:
    """A run of separators longer than any in the texts, so that splitting is exact."""
    run = SEPARATOR
    while any(run in text for text in texts):
        run += SEPARATOR
    return f"\n{run}\n"
