"""Detect drift: compare the current requests of the service with earlier ones.

    python -m jobs.drift --config jobs/drift.yaml
    ray job submit --working-dir . -- python -m jobs.drift --config jobs/drift.yaml

Prints the features that drifted. Exits with 0, with or without an alarm, and with 1 when the comparison was
not possible. The result appears in the service's `/metrics`. An alarm also calls the webhook of the
service's alerts, and starts the command `on_alarm`.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence

from pydantic import Field

from genai.base.tracker import Tracker
from genai.drift.detector import DriftReport, DriftSettings, detect
from genai.drift.snapshot import DriftSnapshot, LatestDrift
from genai.errors import Misconfigured
from genai.factory.observability_factory import build_alerts
from genai.observability.alerts import Alert
from genai.section import Section
from genai.settings.application import Settings
from genai.tracking.runs import NoTracker, default_tracker
from genai.traffic.observed import Observed
from jobs import config
from jobs.traffic import service_settings, service_state


class DriftJobSettings(Section):
    """The window is the last ``window_s`` seconds, the reference the ``reference_s`` before it.

    ``on_alarm`` is a command, such as that of the learning loop.
    """

    test: DriftSettings = DriftSettings()
    window_s: float = Field(default=86_400, gt=0)
    reference_s: float = Field(default=7 * 86_400, gt=0)
    on_alarm: tuple[str, ...] = ()


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/drift.yaml")
    config.add_service(parser)
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, DriftJobSettings)
        service = service_settings(args.service)
        report = watch(settings, asyncio.run(_traffic(settings, service)))
        print(report.model_dump_json(indent=1))
        print(f"moved: {', '.join(report.moved) or 'nothing'}", file=sys.stderr)
        asyncio.run(_publish(settings, report, service))
        if not report.alarm:
            return 0
        return subprocess.run(settings.on_alarm, check=False).returncode if settings.on_alarm else 0  # noqa: S603 - the operator's own command

    return config.run(work)


def watch(
    settings: DriftJobSettings, traffic: Sequence[Observed], tracker: Tracker | None = None
) -> DriftReport:
    """Raises `Misconfigured` when there is too little traffic to compare."""
    begin = time.time() - settings.window_s
    reference = [one for one in traffic if one.at < begin]
    window = [one for one in traffic if one.at >= begin]
    report = detect(settings.test, reference, window)
    if not report.features:
        raise Misconfigured(
            f"{len(window)} requests in the window and {len(reference)} before it are too few"
        )
    _record(settings, report, tracker or default_tracker() or NoTracker())
    return report


async def _traffic(settings: DriftJobSettings, service: Settings) -> list[Observed]:
    now = time.time()
    begin = now - settings.window_s
    async with service_state(service) as state:
        log, seed = state.traffic, settings.test.seed
        before = await log.async_sample(begin - settings.reference_s, begin, seed=seed)
        return [*before, *await log.async_sample(begin, now, seed=seed)]


def _record(settings: DriftJobSettings, report: DriftReport, tracker: Tracker) -> None:
    with tracker.run("drift", "alarm" if report.alarm else "calm") as run:
        run.params(settings.model_dump(mode="json"))
        run.tags({"alarm": str(report.alarm).lower(), "moved": ",".join(report.moved)})
        run.metrics({"alarm": float(report.alarm), "requests": report.window_requests})
        run.metrics({f"p_value/{one.name}": one.p_value for one in report.features})
        run.text(json.dumps(report.model_dump(), indent=1), "drift.json")


async def _publish(settings: DriftJobSettings, report: DriftReport, service: Settings) -> None:
    """Write the report for the metrics of the service, and send its alarms as alerts."""
    async with service_state(service) as state:
        await LatestDrift(state.store).async_write(DriftSnapshot(at=time.time(), report=report))
    if not report.alarm:
        return
    sinks = build_alerts(service.alerts, os.environ)
    for feature in report.features:
        if feature.alarm:
            await sinks.async_send(
                Alert(
                    kind="drift",
                    subject=feature.name,
                    value=feature.p_value,
                    threshold=settings.test.false_alarms,
                    unit="p",
                    at=time.time(),
                )
            )
    await sinks.async_close()


if __name__ == "__main__":
    sys.exit(main())
