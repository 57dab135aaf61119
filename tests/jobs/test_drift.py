import time

import pytest

from genai.errors import Misconfigured
from genai.traffic.observed import Observed
from jobs.drift import DriftJobSettings, watch
from tests.genai.drift.test_detector import traffic
from tests.support.recorded import without_tracking


@pytest.fixture(autouse=True)
def unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    without_tracking(monkeypatch)


def at(ago_s: float, requests: list[Observed]) -> list[Observed]:
    now = time.time()
    return [one.model_copy(update={"at": now - ago_s}) for one in requests]


def test_the_last_window_is_compared_with_what_was_before_it() -> None:
    settings = DriftJobSettings(window_s=100)
    before = at(500, traffic(300, 1))

    assert not watch(settings, before + at(10, traffic(150, 2))).alarm
    report = watch(settings, before + at(10, traffic(150, 2, topic=0.6)))
    assert report.moved == ("topics",)
    assert (report.reference_requests, report.window_requests) == (300, 150)


def test_too_little_traffic_is_no_comparison() -> None:
    with pytest.raises(Misconfigured):
        watch(DriftJobSettings(window_s=100), at(10, traffic(50, 1)))
