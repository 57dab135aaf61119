"""The table of results."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise

from benchmarks.chaos.bounds import upper_bound
from benchmarks.chaos.clients import Ledger

HEAD = (
    "| fault | times | requests | failed | rate at most (95 %) | degraded | repeated | p50 s | p99 s "
    "| longest gap s | details |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True)
class Row:
    """``gap_s`` is the longest time without a successful request."""

    fault: str
    times: int
    requests: int
    failed: int
    degraded: int = 0
    repeated: int = 0
    p50_s: float = 0.0
    p99_s: float = 0.0
    gap_s: float = 0.0
    note: str = ""

    @property
    def bound(self) -> float:
        return upper_bound(self.failed, self.requests)

    def markdown(self) -> str:
        bound = f"{100 * self.bound:.2g} %" if self.bound < 1 else "-"
        cells = (
            *(self.fault, self.times, self.requests, self.failed, bound),
            *(self.degraded, self.repeated, f"{self.p50_s:.2f}", f"{self.p99_s:.2f}"),
            *(f"{self.gap_s:.1f}", self.note),
        )
        return "| " + " | ".join(map(str, cells)) + " |"

    def json(self) -> dict[str, object]:
        return {**asdict(self), "bound": self.bound}


def row_of(fault: str, times: int, ledger: Ledger, note: str = "") -> Row:
    outcomes = ledger.outcomes
    reasons = [f"{count} {reason}" for reason, count in ledger.faults().most_common(4)]
    return Row(
        fault=fault,
        times=times,
        requests=len(outcomes),
        failed=len(ledger.failed),
        degraded=sum(one.reply.degraded for one in outcomes if one.right),
        repeated=sum(one.tries > 1 for one in outcomes),
        p50_s=ledger.percentile_s(0.5),
        p99_s=ledger.percentile_s(0.99),
        gap_s=longest_gap_s(ledger),
        note="; ".join([*([note] if note else []), *reasons]),
    )


def longest_gap_s(ledger: Ledger) -> float:
    ends = sorted(one.started + one.seconds for one in ledger.outcomes if one.right)
    return max((after - before for before, after in pairwise(ends)), default=0.0)


def table(rows: Iterable[Row]) -> str:
    return "\n".join([HEAD, *(row.markdown() for row in rows)])
