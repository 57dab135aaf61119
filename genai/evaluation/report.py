"""Renders an evaluation as a self-contained HTML page with tables and plots."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from genai.evaluation.comparison import CONFIDENCE, Difference
from genai.evaluation.evaluation import Evaluation, GradedExample

STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1d2330}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .7rem;border-bottom:1px solid #dde}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}caption{text-align:left;font-weight:600}
.good{color:#0a7a3d}.bad{color:#b3261e}svg{max-width:100%;height:auto}pre{white-space:pre-wrap}
"""
LOWER_IS_BETTER = ("latency", "cost", "errors", "refusals")
WIDTH, ROW_HEIGHT, LABEL = 720, 24, 180
WORST_SHOWN = 20


def page(
    evaluation: Evaluation,
    differences: Mapping[str, Difference],
    *,
    title: str,
    about: Sequence[str],
) -> str:
    parts = [
        f"<h1>{escape(title)}</h1>",
        "<p>" + "<br>".join(map(escape, about)) + "</p>",
        slices_table(evaluation),
        *([comparison_table(differences), comparison_plot(differences)] if differences else []),
        latency_plot([row.seconds for row in evaluation.rows]),
        worst_table(evaluation.rows),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        + "".join(parts)
        + "</body></html>"
    )


def slices_table(evaluation: Evaluation) -> str:
    slices = evaluation.by_slice()
    names = list(dict.fromkeys(name for _, metrics in slices.values() for name in metrics))
    rows = [
        [slice_name, str(count), *(_number(metrics.get(name)) for name in names)]
        for slice_name, (count, metrics) in slices.items()
    ]
    return table("By slice", ["slice", "examples", *names], rows)


def comparison_table(differences: Mapping[str, Difference]) -> str:
    head = ["measure", "champion", "this", "difference", f"{CONFIDENCE:.0%} interval", "examples"]
    rows = [
        [
            name,
            _number(one.champion),
            _number(one.challenger),
            f'<span class="{verdict(name, one)}">{one.mean:+.4g}</span>',
            f"{one.low:+.4g} to {one.high:+.4g}",
            str(one.examples),
        ]
        for name, one in differences.items()
    ]
    return table("Beside the champion, on the examples in common", head, rows, raw={3})


def verdict(name: str, difference: Difference) -> str:
    """``good`` or ``bad`` if the confidence interval excludes 0, else empty."""
    low, high = difference.low, difference.high
    if name.startswith(LOWER_IS_BETTER):
        low, high = -high, -low
    return "good" if low > 0 else "bad" if high < 0 else ""


def comparison_plot(differences: Mapping[str, Difference]) -> str:
    """The confidence intervals of the scores; latency and cost have other scales."""
    scores = {n: d for n, d in differences.items() if not n.startswith(("latency", "cost"))}
    if not scores:
        return ""
    extent = max(0.05, *(max(abs(d.low), abs(d.high)) for d in scores.values()))
    middle, scale = (WIDTH + LABEL) / 2, (WIDTH - LABEL) / 2 / extent
    marks = [f'<line x1="{middle}" x2="{middle}" y1="0" y2="100%" stroke="#99a"/>']
    for index, (name, one) in enumerate(scores.items()):
        y = index * ROW_HEIGHT + ROW_HEIGHT / 2
        color = {"good": "#0a7a3d", "bad": "#b3261e"}.get(verdict(name, one), "#556")
        marks += [
            f'<text x="0" y="{y + 4}">{escape(name)}</text>',
            f'<line x1="{middle + one.low * scale:.1f}" x2="{middle + one.high * scale:.1f}" '
            f'y1="{y}" y2="{y}" stroke="{color}" stroke-width="3"/>',
            f'<circle cx="{middle + one.mean * scale:.1f}" cy="{y}" r="5" fill="{color}"/>',
        ]
    return svg(len(scores) * ROW_HEIGHT, marks, f"Differences, from {-extent:.2g} to {extent:.2g}")


def latency_plot(seconds: Sequence[float]) -> str:
    counts, edges = np.histogram(seconds, bins=min(30, max(5, len(seconds) // 5)))
    height, width = 120.0, WIDTH / len(counts)
    bars = [
        f'<rect x="{i * width:.1f}" y="{height - n / counts.max() * height:.1f}" '
        f'width="{width - 1:.1f}" height="{n / counts.max() * height:.1f}" fill="#4b6bb0"/>'
        for i, n in enumerate(counts)
    ]
    return svg(height, bars, f"Latency, from {edges[0]:.3g} s to {edges[-1]:.3g} s")


def worst_table(rows: Iterable[GradedExample]) -> str:
    """The examples with the lowest mean scores."""
    worst = sorted(rows, key=lambda row: sum(row.scores.values()) / max(1, len(row.scores)))
    shown = [
        [
            row.id,
            row.error or ", ".join(f"{name} {value:.3g}" for name, value in row.scores.items()),
            "; ".join(row.reasons.values())[:200],
            row.output[:300],
        ]
        for row in worst[:WORST_SHOWN]
    ]
    return table("The worst answers", ["example", "scores", "why", "answer"], shown)


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], raw: Iterable[int] = ()
) -> str:
    """Escapes all cells except those of the columns in ``raw``."""
    unescaped = set(raw)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_aligned(c)}>{c if i in unescaped else escape(c)}</td>" for i, c in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    return f"<table><caption>{escape(caption)}</caption><tr>{heads}</tr>{body}</table>"


def svg(height: float, marks: Iterable[str], caption: str) -> str:
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" font-size="12">'
        + "".join(marks)
        + "</svg></figure>"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _aligned(cell: str) -> str:
    return ' class="n"' if cell[:1].isdigit() else ""
