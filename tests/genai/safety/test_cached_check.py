import pytest

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.cached_check import CachedCheck


class Counts(Check):
    """Finds the first letter, and counts what it is asked to read."""

    name = "counts"
    waits = True

    def __init__(self) -> None:
        self.read: list[str] = []
        self.broken = False

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        self.read.append(text)
        if self.broken:
            raise ValueError(text)
        return Scan(len(text), (Finding(0, 1, f"{stage}_{text[0]}"),))


def remembered(inner: Check, capacity: int = 10) -> CachedCheck:
    return CachedCheck(inner, "retrieval", capacity)


async def test_the_same_text_is_read_once_and_found_the_same() -> None:
    inner = Counts()
    check = remembered(inner)
    scans = [await check.async_scan("a page", "retrieval") for _ in range(3)]
    assert inner.read == ["a page"]
    assert scans == [Scan(6, (Finding(0, 1, "retrieval_a"),))] * 3


async def test_each_other_text_is_read() -> None:
    inner = Counts()
    check = remembered(inner)
    for text in ("a page", "another page", "a page "):
        assert (await check.async_scan(text, "retrieval")).safe_upto == len(text)
    assert inner.read == ["a page", "another page", "a page "]


@pytest.mark.parametrize(
    ("stage", "final"), [("tool", True), ("input", True), ("retrieval", False)]
)
async def test_what_another_stage_says_or_what_still_grows_is_read_each_time(
    stage: Stage, final: bool
) -> None:
    inner = Counts()
    check = remembered(inner)
    await check.async_scan("a page", "retrieval")
    scans = [await check.async_scan("a page", stage, final=final) for _ in range(2)]
    assert len(inner.read) == 3
    assert {scan.findings[0].rule for scan in scans} == {f"{stage}_a"}


async def test_a_check_that_could_not_run_is_asked_again() -> None:
    inner = Counts()
    check = remembered(inner)
    inner.broken = True
    with pytest.raises(ValueError, match="a page"):
        await check.async_scan("a page", "retrieval")
    inner.broken = False
    assert (await check.async_scan("a page", "retrieval")).findings
    assert inner.read == ["a page"] * 2


async def test_what_was_read_longest_ago_is_forgotten() -> None:
    inner = Counts()
    check = remembered(inner, capacity=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await check.async_scan(text, "retrieval")
    assert inner.read == ["a", "b", "c", "b"]


def test_it_is_called_and_waits_like_the_one_that_it_wraps() -> None:
    check = remembered(Counts())
    assert (check.name, check.waits) == ("counts", True)
