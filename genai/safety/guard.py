"""The guard that runs checks and turns what they find into one verdict.

text ──▶ check ─┐
     ──▶ check ─┼─▶ findings ──▶ block?  ──▶ nothing passes
     ──▶ check ─┘            └─▶ redact? ──▶ overlapping places merged, text replaced
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from genai.errors import GuardUnavailable
from genai.messages import Decision, RequestContext
from genai.safety.base import Check, Finding, Guard, Original, Scan, Stage, Verdict

log = logging.getLogger(__name__)

Action = Literal["allow", "redact", "block"]


class ChecksGuard(Guard):
    """Runs the checks of a stage. If one fails, the text is withheld.

    A check that never waits sets ``waits = False``; then it runs without the overhead of a timeout.
    """

    def __init__(self, checks: Mapping[Stage, Sequence[Check]], *, timeout_s: float) -> None:
        self._checks = {stage: tuple(of_stage) for stage, of_stage in checks.items()}
        self._waiting = {
            stage
            for stage, of_stage in self._checks.items()
            if any(getattr(check, "waits", True) for check in of_stage)
        }
        self._timeout_s = timeout_s

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        scans = await self._scan(text, stage, final=final)
        cut = len(text)
        certain: list[Finding] = []
        decisions: list[Decision] = []
        for check, scan, ms in scans:
            found = _certain(scan, start, final) if scan.findings else ()
            if found or final:
                decisions.append(_decide(text, stage, check.name, found, ms))
                certain += found
            if not final and scan.safe_upto < cut:
                cut = scan.safe_upto
        if certain and any(finding.replacement is None for finding in certain):
            return Verdict(action="block", text="", consumed=0, decisions=tuple(decisions))
        return _release(text, start, max(cut, start), certain, tuple(decisions))

    async def _scan(
        self, text: str, stage: Stage, *, final: bool
    ) -> Sequence[tuple[Check, Scan, float]]:
        """The findings of each check, with its time in milliseconds.

        Checks are independent of each other, so those that wait run concurrently.
        """
        checks = self._checks.get(stage, ())
        if stage not in self._waiting:
            return [await _timed(check, text, stage, final) for check in checks]
        running: list[asyncio.Task[tuple[Check, Scan, float]]] = []
        try:
            async with asyncio.timeout(self._timeout_s), asyncio.TaskGroup() as group:
                running += [
                    group.create_task(_timed(check, text, stage, final)) for check in checks
                ]
        except TimeoutError as error:
            late = next(c.name for c, task in zip(checks, running, strict=True) if task.cancelled())
            raise _unavailable(late, stage, error) from None
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in running]


async def _timed(check: Check, text: str, stage: Stage, final: bool) -> tuple[Check, Scan, float]:
    began = time.perf_counter()
    try:
        scan = await check.async_scan(text, stage, final=final)
    except Exception as error:
        raise _unavailable(check.name, stage, error) from None
    return check, scan, (time.perf_counter() - began) * 1000


def _certain(scan: Scan, start: int, final: bool) -> Sequence[Finding]:
    """Findings that are new and final: no later text can change them."""
    return [f for f in scan.findings if f.start >= start and (final or f.start < scan.safe_upto)]


def _decide(
    text: str, stage: Stage, check: str, findings: Sequence[Finding], ms: float
) -> Decision:
    if not findings:
        return Decision(check=check, stage=stage, action="allow", ms=ms)
    worst = max(findings, key=lambda finding: (_severity(text, finding), finding.score))
    action: Action = ("allow", "redact", "block")[_severity(text, worst)]
    return Decision(
        check=check, stage=stage, action=action, rule=worst.rule, score=worst.score, ms=ms
    )


def _severity(text: str, finding: Finding) -> int:
    """0: noted, 1: replaced, 2: blocks. A finding replaced by itself is only noted."""
    if finding.replacement is None:
        return 2
    return int(finding.replacement != text[finding.start : finding.end])


def _release(
    text: str, start: int, cut: int, findings: Sequence[Finding], decisions: tuple[Decision, ...]
) -> Verdict:
    """The redacted text from ``start`` to ``cut``, or to the start of a finding that crosses ``cut``."""
    edits = [f for f in findings if _severity(text, f) == 1]
    if not edits:
        return Verdict(
            action="allow", text=text[start:cut], consumed=cut - start, decisions=decisions
        )
    parts: list[str] = []
    originals: list[Original] = []
    position, written = start, 0
    for edit in _merge(edits):
        if edit.end > cut:
            cut = min(cut, edit.start)
            break
        replacement = edit.replacement or ""
        parts += (text[position : edit.start], replacement)
        written += edit.start - position
        if edit.reversible:
            originals.append(_original(text, edit, written))
        written += len(replacement)
        position = edit.end
    parts.append(text[position:cut])
    return Verdict(
        action="redact" if position > start else "allow",
        text="".join(parts),
        consumed=cut - start,
        decisions=decisions,
        originals=tuple(originals),
    )


def _original(text: str, edit: Finding, at: int) -> Original:
    end = at + len(edit.replacement or "")
    return Original(start=at, end=end, entity=edit.rule, text=text[edit.start : edit.end])


def _merge(findings: Sequence[Finding]) -> list[Finding]:
    """Overlapping findings are merged, under the name of the first.

    A merged finding is not reversible: part of it may be a secret.
    """
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if merged and finding.start < merged[-1].end:
            if finding.end > merged[-1].end:
                merged[-1] = merged[-1]._replace(end=finding.end, reversible=False)
            elif not finding.reversible:
                merged[-1] = merged[-1]._replace(reversible=False)
        else:
            merged.append(finding)
    return merged


def _unavailable(check: str, stage: Stage, error: Exception) -> GuardUnavailable:
    """Only the type of the cause is logged: its message or traceback could quote the text."""
    log.error(
        "safety check failed",
        extra={"check": check, "stage": stage, "error": type(error).__name__},
    )
    return GuardUnavailable("A safety check could not run, so nothing is passed on.")
