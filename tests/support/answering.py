"""Stand-ins for the parts of the assistant: each satisfies the interface of what it replaces."""

import time
from collections.abc import AsyncIterator, Sequence

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.errors import GuardUnavailable
from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, StepEvent, TokenEvent
from genai.messages import Citation, Decision, Draft, Question, RequestContext, Route, Step
from genai.safety.base import Guard, Stage, Verdict


def context(tenant: str = "acme", user: str = "ada", within_s: float = 30.0) -> RequestContext:
    return RequestContext(
        request_id="req-1", tenant=tenant, user=user, deadline=time.time() + within_s
    )


def question(text: str = "How much is a new card?", **fields: object) -> Question:
    return Question.model_validate({"text": text, "context": context(), **fields})


class WordGuard:
    """Blocks texts with the word ``bomb``, redacts the word ``secret``, and records the texts.

    Of a stream, it holds back the last word, which may be incomplete.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[Stage, str]] = []

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        self.seen.append((stage, text))
        cut = len(text) if final else max(start, text.rfind(" ") + 1)
        part = text[start:cut]
        action = "block" if "bomb" in part else "redact" if "secret" in part else "allow"
        return Verdict(
            action=action,
            text="" if action == "block" else part.replace("secret", "<MASKED>"),
            consumed=0 if action == "block" else len(part),
            decisions=(Decision(check="words", stage=stage, action=action, rule=action),),
        )


class FixedAnswerer(BaseAnswerer):
    """Always gives the same answer, token by token, with the given step and citation."""

    def __init__(
        self,
        text: str,
        route: Route = "rag",
        *,
        citations: Sequence[Citation] = (),
        steps: Sequence[Step] = (),
    ) -> None:
        self._draft = Draft(
            text=text, route=route, model="fixed", citations=tuple(citations), steps=tuple(steps)
        )
        self.asked: list[Question] = []
        self.closed = 0

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        self.asked.append(question)
        try:
            for step in self._draft.steps:
                yield StepEvent(step=step)
            for word in self._draft.text.split(" "):
                yield TokenEvent(text=f"{word} ")
            for citation in self._draft.citations:
                yield CitationEvent(citation=citation)
            yield DraftEvent(draft=self._draft.model_copy(update={"text": self._draft.text + " "}))
        finally:
            self.closed += 1


class BrokenGuard(Guard):
    """Always fails to run."""

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        raise GuardUnavailable("a check could not run")


class LetterEmbedder(BaseEmbedder):
    """Embeds by letter counts: similar texts are close, without a model."""

    name = "letters"
    dimensions = 26

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> list[float]:
        counts = [float(text.lower().count(chr(97 + index))) for index in range(26)]
        length = sum(count * count for count in counts) ** 0.5 or 1.0
        return [count / length for count in counts]
