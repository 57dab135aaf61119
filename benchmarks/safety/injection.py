"""Prompt injection: recall and false alarms by file, and the cost of the check.

The classifier and the baseline are trained anew without the file, in folds of several files. Rules and the
grammar of the examples cannot be held out: their authors had seen these files, so their columns are
optimistic.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from benchmarks.safety import over_defence, suites, tool_outputs
from benchmarks.safety.table import Table, percent
from benchmarks.text import QUESTION
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage
from genai.safety.injection.check import suspicions
from genai.safety.training.examples import LabelledText, examples_in
from genai.safety.training.installed import installed_texts
from genai.safety.training.network_examples import network_examples
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.network_trainer import NetworkScores, NetworkTrainer
from genai.safety.training.trainer import ONE_PERCENT
from genai.settings.safety import InjectionSettings, SafetySettings

CONFIG = Path("jobs/train_injection.yaml")
ROUNDS = 200
_ALONE = SafetySettings(secrets=False, pii_input="allow", pii_output="allow")
_CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)
Flags = NDArray[np.bool_]


def tables(data: Path) -> list[Table]:
    files = _measured(data)
    return [_recall(files), _alarms(files), *asyncio.run(_shipped())]


async def _shipped() -> list[Table]:
    return [await _suites(), await _by_hand(), await _costs()]


def shipped(data: Path) -> list[Table]:
    """The tables that need no training."""
    return asyncio.run(_shipped())


@dataclass(frozen=True, slots=True)
class File:
    """The alarms of each detector (``ways``) for the texts of a file."""

    source: str
    attacks: Flags
    ways: dict[str, Flags]

    def share(self, way: str, attacks: bool) -> str:
        asked = self.ways[way][self.attacks == attacks]
        return percent(float(asked.mean())) if len(asked) else ""


def _measured(data: Path) -> list[File]:
    settings = NetworkSettings.model_validate(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))
    public = examples_in(data, settings)
    trainer = NetworkTrainer(network_examples(data, settings), settings)
    found: list[File] = []
    for fold in settings.folds:
        model = trainer.train(fold)
        flags = baseline(fold, public, settings)
        found += [_file(trainer.scores(model, source), source, flags[source]) for source in fold]
    return found


def _file(scores: NetworkScores, source: str, baseline_flags: Flags) -> File:
    thresholds, model = InjectionSettings(), scores.model
    ruled = np.array([_rules(example.text) for example in scores.examples])
    strict, data = scores.questions > model.strict, scores.data > model.data
    ways = {
        "baseline": baseline_flags,
        "usual": scores.questions > model.usual,
        "strict": strict,
        "rules": ruled >= thresholds.threshold,
        "question": strict | (ruled >= thresholds.threshold),
        "data": data | (ruled >= thresholds.threshold_data),
    }
    return File(source, scores.attacks, ways)


def _rules(text: str) -> float:
    return max(found.score for found in suspicions(text))


def baseline(
    fold: Sequence[str], public: Sequence[LabelledText], settings: NetworkSettings
) -> dict[str, Flags]:
    """Alarms of TF-IDF with logistic regression, trained on public files only, at 1 % false alarms."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    kept = [e for e in public if e.source in settings.calibration and e.odd]
    seen = [
        e
        for e in public
        if e.source not in fold and not (e.source in settings.calibration and e.odd)
    ]
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=10, max_iter=300),
    )
    model.fit([e.text for e in seen], [e.attack for e in seen])
    threshold = np.quantile(model.decision_function([e.text for e in kept]), 1 - ONE_PERCENT)
    return {
        source: model.decision_function([e.text for e in public if e.source == source]) > threshold
        for source in fold
    }


def _recall(files: Sequence[File]) -> Table:
    ways = ("baseline", "usual", "strict", "rules", "question", "data")
    rows = [
        [_short(f.source), str(int(f.attacks.sum())), *(f.share(way, attacks=True) for way in ways)]
        for f in files
        if f.attacks.any()
    ]
    return Table("Prompt injection: attacks found", _COLUMNS, rows)


def _alarms(files: Sequence[File]) -> Table:
    ways = ("baseline", "usual", "strict", "rules", "question", "data")
    rows = [
        [
            _short(f.source),
            str(int((~f.attacks).sum())),
            *(f.share(way, attacks=False) for way in ways),
        ]
        for f in files
        if not f.attacks.all()
    ]
    return Table("Prompt injection: false alarms", _COLUMNS, rows)


async def _suites() -> Table:
    """The shipped check on the suites, and on descriptions of packages that were not trained on."""
    guard = build_guard(_ALONE)
    rows = []
    for suite in suites.SUITES:
        shares, counts = [], []
        for half in ("seen", "unseen"):
            stopped = [
                await _stopped(guard, text, suite.stage) for text in suites.texts(suite, half)
            ]
            counts.append(str(len(stopped)))
            shares.append(percent(sum(stopped) / len(stopped)))
        wanted = "found" if suite.attack else "false alarms"
        rows.append([suite.name, suite.stage, wanted, *counts, *shares])
    kept = [await _stopped(guard, text, "tool") for text in installed_texts("kept", 500)]
    share = percent(sum(kept) / len(kept))
    rows.append(["packages", "tool", "false alarms", "", str(len(kept)), "", share])
    columns = ("texts", "as", "share", "seen", "unseen", "of the seen", "of the unseen")
    return Table("Prompt injection: suites, as shipped", columns, rows)


async def _by_hand() -> Table:
    """The shipped check on other hand-written texts that were never trained on."""
    guard = build_guard(_ALONE)
    honest = [await _stopped(guard, text, "input") for text in over_defence.TEXTS]
    rows = [["over-defence, questions", str(len(honest)), "", percent(sum(honest) / len(honest))]]
    for name, orders in (
        ("tool outputs, orders known when the rules were written", tool_outputs.KNOWN),
        ("tool outputs, unseen orders", tool_outputs.UNSEEN),
    ):
        made = list(tool_outputs.outputs(orders))
        shares = [
            [await _stopped(guard, o.text, "tool") for o in made if o.attack == attack]
            for attack in (True, False)
        ]
        found, false = (percent(sum(share) / len(share)) for share in shares)
        rows.append([name, str(len(made)), found, false])
    columns = ("texts", "count", "found", "false alarms")
    return Table("Prompt injection: other hand-written texts, as shipped", columns, rows)


async def _stopped(guard: Guard, text: str, stage: Stage) -> bool:
    return (await guard.async_inspect(text, stage, _CONTEXT)).action == "block"


_COLUMNS = (
    "file",
    "texts",
    "TF-IDF at 1 %",
    "classifier at 1 %",
    "classifier as shipped",
    "rules",
    "both, in questions",
    "both, in data",
)


def _short(source: str) -> str:
    return source.removesuffix(".jsonl")


async def _costs() -> Table:
    """CPU time of the injection check, with and without the classifier."""
    alone = _ALONE
    rules = alone.model_copy(update={"injection": InjectionSettings(classifier="off")})
    rows = []
    for characters in (200, 1_000, 4_000, 16_000):
        text = (QUESTION + " ") * 20
        cells = [await _cost(settings, text[:characters]) for settings in (rules, alone)]
        data = await _cost(alone, text[:characters], "tool")
        rows.append([f"{characters:,}", *(f"{cell:.2f}" for cell in (*cells, data))])
    columns = ("characters", "rules", "with the classifier", "the same, as data")
    return Table("Prompt injection: CPU ms a text of plain prose, median", columns, rows)


async def _cost(settings: SafetySettings, text: str, stage: Stage = "input") -> float:
    guard = build_guard(settings)
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await guard.async_inspect(text, stage, _CONTEXT)
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)
