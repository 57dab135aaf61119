from collections import Counter

from benchmarks.chaos.stored import Stored, report_lines


def test_growth_per_request_is_reported_by_kind() -> None:
    before = Stored(Counter(turns=10), Counter(turns=5_000, traffic=90_000), used=200_000)
    after = Stored(
        Counter(turns=110, traffic=1), Counter(turns=55_000, traffic=90_000), used=300_000
    )

    lines = list(report_lines(before, after, 100))

    assert lines[2] == "| traffic | 1 | 90 | 90 | +0 |"
    assert lines[3] == "| turns | 110 | 5 | 55 | +500 |"
    assert lines[4] == "| everything | 111 | 200 | 300 | +1000 |"


def test_small_kinds_are_not_reported() -> None:
    nothing = Stored(Counter(), Counter(), used=0)
    little = Stored(Counter(keys=1), Counter(keys=240), used=50_000)

    assert not any("keys |" in line for line in list(report_lines(nothing, little, 1))[2:-1])
