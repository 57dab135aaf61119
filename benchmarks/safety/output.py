"""The checks of answers: insults, links and streams, and the CPU time of each check."""

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from benchmarks.safety.chunkings import PROMPT, SETTINGS, async_measure, async_streamed
from benchmarks.safety.exfiltration import forms
from benchmarks.safety.table import Table, percent
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Stage
from genai.safety.links.check import links_in
from genai.safety.stream import StreamGuard
from genai.safety.toxicity import ToxicityCheck
from genai.safety.training.examples import LabelledText, examples_in, generated_examples
from genai.safety.training.settings import TrainingSettings
from genai.safety.training.trainer import Trainer, auc
from genai.settings.safety import SafetySettings

CONFIG = Path("jobs/train_toxicity.yaml")
STREAMS = 2_000
ROUNDS = 200
_CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
_PROSE = (
    "A replacement card is free of charge and takes 3 to 5 working days to arrive. You can block the"
    " old card in the app under Cards, or by calling the hotline at any time. The monthly fee of the"
    " Classic account is EUR 4.90 and it is waived when at least EUR 1,200 are paid in every month. "
)
_NUMBERS = "12, 4500.00 EUR on 2024-05-01; 13, 88 231 12 EUR on 2024-05-02; +49 30 1234; "


def tables(data: Path) -> list[Table]:
    return [_toxicity(data), asyncio.run(_links()), asyncio.run(_streams()), asyncio.run(_costs())]


def _toxicity(data: Path) -> Table:
    settings = TrainingSettings.model_validate(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))
    public = examples_in(data, settings)
    trainer = Trainer(public + generated_examples(settings), settings)
    check = ToxicityCheck("block", SETTINGS.toxicity_threshold)
    rows = []
    for source in settings.labelled:
        held = trainer.held_out(source)
        toxic = np.array([example.attack for example in held.examples], dtype=np.bool_)
        area = f"{auc(held.logits, toxic):.2f}" if toxic.any() else ""
        shares = asyncio.run(_blocked(check, [e for e in public if e.source == source]))
        rows.append([source.removesuffix(".jsonl"), str(len(toxic)), area, *shares])
    return Table(
        "Insults and threats",
        ("file", "texts", "AUC, held out", "found as shipped", "false alarms as shipped"),
        rows,
        "What is shipped was trained on these files, too, so the last two columns flatter.",
    )


async def _blocked(check: ToxicityCheck, examples: Sequence[LabelledText]) -> list[str]:
    """The shares of toxic and of other texts with a finding."""
    shares = []
    for toxic in (True, False):
        texts = [example.text for example in examples if example.attack == toxic]
        found = [bool((await check.async_scan(text, "output")).findings) for text in texts]
        shares.append(percent(sum(found) / len(found)) if found else "")
    return shares


async def _links() -> Table:
    guard = build_guard(SafetySettings(allowed_hosts=("bank.example",)))
    carried, streamed, all_forms = 0, 0, forms("evil.example", "4111NINE")
    for form in all_forms:
        whole = (await guard.async_inspect(form, "output", _CONTEXT)).text
        carried += bool(links_in([whole]))
        streamed += bool(links_in([await async_streamed(guard, random.Random(0), form)]))
    rows = [[str(len(all_forms)), str(carried), str(streamed)]]
    columns = ("forms", "with data in a link, whole", "with data in a link, streamed")
    return Table("Links that carry data out", columns, rows)


async def _streams() -> Table:
    measured = await async_measure(seed=7, count=STREAMS)
    delays = [await _delay(text) for text in _starts()]
    rows = [
        [
            str(measured.streams),
            str(measured.planted),
            str(measured.leaked),
            f"{statistics.median(delays):.0f}",
            str(max(delays)),
        ]
    ]
    columns = (
        "streams",
        "planted",
        "leaked characters",
        "characters until the first is shown, median",
        "the most",
    )
    return Table("Streams in random pieces", columns, rows)


def _starts() -> list[str]:
    words = _PROSE.split()
    return [" ".join(words[at : at + 20]) for at in range(len(words) - 20)]


async def _delay(text: str) -> int:
    """The number of characters received before the first is released."""
    written = 0

    async def letters():  # type: ignore[no-untyped-def]
        nonlocal written
        for letter in text:
            written += 1
            yield letter
            for _ in range(4):
                await asyncio.sleep(0)

    guard = build_guard(SETTINGS, (PROMPT,))
    async for _ in StreamGuard[str](guard, _CONTEXT).async_filter(letters()):
        break
    return written


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    text: str
    stage: Stage


async def _costs() -> Table:
    guard = build_guard(SETTINGS, (PROMPT,))
    cases = [
        _Case(f"{size:,} characters of {name}, {stage}", (text * 100)[:size], stage)
        for name, text in (("prose", _PROSE), ("numbers", _NUMBERS))
        for stage in ("input", "output")
        for size in (300, 1_000, 4_000, 16_000)
    ]  # type: ignore[misc]
    rows = []
    for case in cases:
        spent: list[float] = []
        decisions = []
        for _ in range(max(5, ROUNDS * 300 // len(case.text))):
            began = time.process_time()
            decisions = list((await guard.async_inspect(case.text, case.stage, _CONTEXT)).decisions)
            spent.append((time.process_time() - began) * 1000)
        slowest = max(decisions, key=lambda decision: decision.ms)
        rows.append([case.name, f"{statistics.median(spent):.2f}", slowest.check])
    return Table("CPU ms of all checks of a text, median", ("text", "ms", "slowest check"), rows)
