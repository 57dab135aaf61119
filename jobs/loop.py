"""The learning loop: prepare data, fine-tune, evaluate against the champion, promote or not.

    python -m jobs.loop --config jobs/loop.yaml [--local]
    ray job submit --working-dir . -- python -m jobs.loop --config jobs/loop.yaml

The service must be running. Each step is the job of that name, with the section of that name in the config,
so a killed loop resumes with the step it was in. --local trains without Ray. Exits with 0 when there is a
new champion, with 3 when the old one is better, and with 1 when a step failed.
"""

import sys

from genai.base.tracker import ModelVersion, Registry, Tracker
from genai.errors import Misconfigured
from genai.evaluation.records import FILE
from genai.evaluation.settings import EvaluateSettings, ModelSubjectSettings
from genai.preparation.prepare import prepare
from genai.preparation.settings import PrepareSettings
from genai.promotion.promoter import CHAMPION, Ended
from genai.promotion.settings import PromoteSettings
from genai.section import Section
from genai.settings.application import Settings
from genai.tracking.runs import default_registry, default_tracker
from genai.training.settings import FineTuneSettings
from jobs import config
from jobs.evaluate import evaluate
from jobs.fine_tune import fine_tune
from jobs.prepare import samples_of
from jobs.promote import NOT_PROMOTED, promote
from jobs.traffic import service_settings


class LoopSettings(Section):
    """The loop sets the subject of ``evaluate`` and the paths of ``promote``, whatever the config has."""

    prepare: PrepareSettings | None = None
    fine_tune: FineTuneSettings
    evaluate: EvaluateSettings
    promote: PromoteSettings


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/loop.yaml")
    config.add_service(parser)
    parser.add_argument("--local", action="store_true", help="train in this process")
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, LoopSettings)
        ended = loop(settings, service_settings(args.service), local=args.local)
        print(f"{ended.outcome}: version {ended.version}, {ended.reason}")
        return 0 if ended.outcome == "promoted" else NOT_PROMOTED

    return config.run(work)


def loop(
    settings: LoopSettings,
    service: Settings,
    *,
    local: bool = False,
    registry: Registry | None = None,
    tracker: Tracker | None = None,
) -> Ended:
    registry = registry or default_registry()
    tracker = tracker or default_tracker()
    if registry is None:
        raise Misconfigured("the loop needs the registry: make install-jobs")
    if settings.prepare is not None:
        prepare(settings.prepare, samples_of(settings.prepare), tracker)
    made = fine_tune(settings.fine_tune, local=local, registry=registry, tracker=tracker)
    assert made is not None
    return try_out(settings, service, made, registry=registry, tracker=tracker)


def try_out(
    settings: LoopSettings,
    service: Settings,
    candidate: ModelVersion,
    *,
    registry: Registry,
    tracker: Tracker | None = None,
) -> Ended:
    """Evaluate a registered model against the champion, and promote it if it passes the gate."""
    champion = registry.find(settings.promote.name, CHAMPION)
    old = _evaluated(settings.evaluate, champion, "", registry, tracker) if champion else ""
    new = _evaluated(settings.evaluate, candidate, old, registry, tracker)
    wanted = settings.promote.model_copy(
        update={"candidate": str(candidate.version), "challenger": new, "champion": old}
    )
    return promote(wanted, service, registry=registry)


def _evaluated(
    settings: EvaluateSettings,
    version: ModelVersion,
    baseline: str,
    registry: Registry,
    tracker: Tracker | None,
) -> str:
    """The folder of the evaluation. Both models are evaluated now, so that latencies compare."""
    subject = settings.subject
    asked = subject if isinstance(subject, ModelSubjectSettings) else None
    shape = asked or ModelSubjectSettings(subject="model")
    wanted = settings.model_copy(
        update={
            "name": f"{settings.name}-{version.version}",
            "subject": shape.model_copy(update={"model": version.uri, "llm": None}),
            "baseline": baseline or None,
        }
    )
    _, folder = evaluate(wanted, registry=registry, tracker=tracker)
    return str(folder / FILE)


if __name__ == "__main__":
    sys.exit(main())
