"""Evaluate a model, a config or the running application, and compare it with the champion.

    python -m jobs.evaluate --config jobs/evaluate.yaml
    ray job submit --working-dir . -- python -m jobs.evaluate --config jobs/evaluate.yaml

Writes rows, differences and a report, and prints the metrics. Exits with 1 when too many questions failed
for the metrics to mean anything.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import assert_never

from genai.base.evaluator import EvaluationExample
from genai.base.tracker import Registry, Tracker
from genai.errors import Misconfigured
from genai.evaluation.comparison import Difference, compare
from genai.evaluation.evaluation import Evaluation
from genai.evaluation.examples import read_examples
from genai.evaluation.http_subject import HTTPSubject
from genai.evaluation.records import read_evaluation, write
from genai.evaluation.runner import EvaluationRunner, check
from genai.evaluation.settings import (
    ConfigSubjectSettings,
    EvaluateSettings,
    LiveSubjectSettings,
    ModelSubjectSettings,
)
from genai.evaluation.subjects import AssistantSubject, ModelSubject, Subject
from genai.factory.evaluator_factory import build_evaluators, build_llm
from genai.preparation.prepare import find
from genai.settings.models import HuggingFaceSettings
from genai.tracking.runs import NoTracker, default_registry, default_tracker
from genai.training.samples import digest_of
from jobs import config


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/evaluate.yaml")
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, EvaluateSettings)
        evaluation, folder = evaluate(settings)
        for name, value in evaluation.metrics().items():
            print(f"{name:24} {value:.4g}")
        print(folder / "report.html")
        return 0

    return config.run(work)


def evaluate(
    settings: EvaluateSettings,
    *,
    tracker: Tracker | None = None,
    registry: Registry | None = None,
) -> tuple[Evaluation, Path]:
    """The evaluation, and its output folder."""
    examples, version = examples_of(settings)
    evaluation = asyncio.run(_evaluate(settings, examples, version, registry))
    check(evaluation, settings.most_errors)
    differences: dict[str, Difference] = {}
    if settings.baseline and Path(settings.baseline).is_file():
        champion = read_evaluation(Path(settings.baseline))
        differences = compare(evaluation, champion, seed=settings.seed)
    folder = write(settings, evaluation, differences, tracker or default_tracker() or NoTracker())
    return evaluation, folder


def examples_of(settings: EvaluateSettings) -> tuple[list[EvaluationExample], str]:
    """The examples, and the version of their file."""
    path = Path(settings.data)
    if not path.is_file():
        path = find(settings.data) / f"{settings.part}.jsonl"
    return read_examples(path)[: settings.at_most], digest_of([path])


async def _evaluate(
    settings: EvaluateSettings,
    examples: Sequence[EvaluationExample],
    version: str,
    registry: Registry | None,
) -> Evaluation:
    async with subject_of(settings, registry) as subject:
        live = settings.subject
        runner = EvaluationRunner(
            subject,
            build_evaluators(settings.evaluators),
            concurrency=settings.concurrency,
            within_s=settings.within_s,
            tenant=live.tenant if isinstance(live, LiveSubjectSettings) else "evaluation",
        )
        return await runner.async_evaluate(examples, data_version=version)


@asynccontextmanager
async def subject_of(
    settings: EvaluateSettings, registry: Registry | None = None
) -> AsyncIterator[Subject]:
    match settings.subject:
        case ModelSubjectSettings() as wanted:
            llm = build_llm(settings.name, wanted.llm or _local(wanted, registry))
            try:
                yield ModelSubject(
                    llm, max_tokens=settings.max_tokens, system_prompt=wanted.system_prompt
                )
            finally:
                await llm.async_close()
        case ConfigSubjectSettings() as wanted:
            yield _configured(wanted, settings.max_tokens)
        case LiveSubjectSettings(url="") as wanted:
            yield _behind_handle(wanted, settings.max_tokens)
        case LiveSubjectSettings() as wanted:
            http = HTTPSubject(
                settings.name, wanted.url, _key(wanted), max_tokens=settings.max_tokens
            )
            try:
                yield http
            finally:
                await http.async_close()
        case _:
            assert_never(settings.subject)


def _local(wanted: ModelSubjectSettings, registry: Registry | None) -> HuggingFaceSettings:
    from genai.llms.sources import resolve

    folder = resolve(wanted.model, registry or default_registry())
    return HuggingFaceSettings(
        backend="huggingface", model=folder, max_model_len=wanted.max_model_len
    )


def _key(wanted: LiveSubjectSettings) -> str:
    key = os.environ.get(wanted.key_env, "")
    if not key:
        raise Misconfigured(f"{wanted.key_env} must hold a key of the application")
    return key


def _configured(wanted: ConfigSubjectSettings, max_tokens: int) -> AssistantSubject:
    """The application in this process, without Ray."""
    from jobs.application import in_process

    return AssistantSubject(wanted.path, in_process(Path(wanted.path)), max_tokens=max_tokens)


def _behind_handle(wanted: LiveSubjectSettings, max_tokens: int) -> AssistantSubject:
    from jobs.application import behind_handle

    return AssistantSubject(wanted.app, behind_handle(wanted.app), max_tokens=max_tokens)


if __name__ == "__main__":
    sys.exit(main())
