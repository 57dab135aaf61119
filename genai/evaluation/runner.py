"""Runs an evaluation: asks every example and scores the answers."""

import asyncio
import logging
import time
from collections.abc import Sequence

from genai.base.evaluator import BaseEvaluator, EvaluationExample
from genai.errors import BackendFailed, ContentRefused, GenAIError
from genai.evaluation.evaluation import Evaluation, GradedExample
from genai.evaluation.subjects import Subject
from genai.evaluators.safety import refused
from genai.llms.spent import spent_by
from genai.messages import Answer, RequestContext, Usage
from genai.money import usd
from genai.safety.cleaned import cleaned

logger = logging.getLogger(__name__)

LOG_INTERVAL_S = 5.0


class EvaluationRunner:
    """Asks ``concurrency`` questions at a time, with a deadline of ``within_s`` seconds each.

    A failed answer scores 0 in everything. Personal data and secrets are removed from the rows, because
    these are stored and shown in reports.
    """

    def __init__(
        self,
        subject: Subject,
        evaluators: Sequence[BaseEvaluator],
        *,
        concurrency: int,
        within_s: float,
        tenant: str = "evaluation",
    ) -> None:
        self._subject = subject
        self._evaluators = evaluators
        self._slots = asyncio.Semaphore(concurrency)
        self._within_s = within_s
        self._tenant = tenant
        self._done = 0
        self._logged_at = time.monotonic()

    async def async_evaluate(
        self, examples: Sequence[EvaluationExample], *, data_version: str = ""
    ) -> Evaluation:
        rows = await asyncio.gather(*(self._row(example, len(examples)) for example in examples))
        return Evaluation(subject=self._subject.name, data_version=data_version, rows=tuple(rows))

    async def _row(self, example: EvaluationExample, count: int) -> GradedExample:
        async with self._slots:
            row = await self._ask(example)
        self._done += 1
        if time.monotonic() > self._logged_at + LOG_INTERVAL_S or self._done == count:
            self._logged_at = time.monotonic()
            logger.info("evaluated", extra={"examples": self._done, "of": count})
        return row

    async def _ask(self, example: EvaluationExample) -> GradedExample:
        context = RequestContext(
            request_id=f"evaluation-{example.id}"[:100],
            tenant=self._tenant,
            user="evaluation",
            deadline=time.time() + self._within_s,
        )
        started = time.perf_counter()
        try:
            answer = await self._subject.async_ask(example, context)
        except ContentRefused as error:
            answer = _refusal(example, error)
        except GenAIError as error:
            return self._failed(example, error, time.perf_counter() - started)
        return await self._scored(example, answer, time.perf_counter() - started)

    async def _scored(
        self, example: EvaluationExample, answer: Answer, seconds: float
    ) -> GradedExample:
        applicable = [one for one in self._evaluators if one.applies(example)]
        scores = await asyncio.gather(*(one.async_evaluate(example, answer) for one in applicable))
        return GradedExample(
            id=example.id,
            slices=example.slices,
            scores={score.evaluator: score.value for score in scores},
            reasons={score.evaluator: cleaned(score.reason) for score in scores if score.reason},
            seconds=seconds,
            cost_usd=usd(answer.usage.cost_micro_usd),
            completion_tokens=answer.usage.completion_tokens,
            refused=refused(answer),
            output=cleaned(answer.text),
        )

    def _failed(
        self, example: EvaluationExample, error: GenAIError, seconds: float
    ) -> GradedExample:
        usage = spent_by(error) or Usage()
        return GradedExample(
            id=example.id,
            slices=example.slices,
            scores={one.name: 0.0 for one in self._evaluators if one.applies(example)},
            seconds=seconds,
            cost_usd=usd(usage.cost_micro_usd),
            error=error.code,
        )


def check(evaluation: Evaluation, most_errors: float) -> None:
    """Raise `BackendFailed` if the share of failed questions exceeds ``most_errors``."""
    failed = sum(bool(row.error) for row in evaluation.rows)
    if failed > most_errors * len(evaluation.rows):
        codes = sorted({row.error for row in evaluation.rows if row.error})
        raise BackendFailed(
            f"{failed} of {len(evaluation.rows)} questions failed: {', '.join(codes)}"
        )


def _refusal(example: EvaluationExample, error: ContentRefused) -> Answer:
    return Answer(
        id=example.id,
        text="",
        route="chat",
        model="",
        usage=spent_by(error) or Usage(),
        finish_reason="content_filter",
    )
