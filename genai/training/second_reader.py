"""Trains the second reader: which words of questions call for which parts of the SQL."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from genai.analyst.reading.second_reader import write_reader

SEEN = 16
"""A gram that fewer questions have is not learnt."""

DONE = 40
"""A part of a query likewise."""

BATCH = 512
EPOCHS = 4
RATE = 0.03

Read = tuple[set[str], set[str]]
"""The grams of a question, and the acts of its query."""


@dataclass(frozen=True, slots=True)
class Learnt:
    known: list[str]
    parts: list[str]
    loss: float


def learn(read: Sequence[Read], output: Path, seed: int = 0) -> Learnt:
    """Write the weights. ``loss`` is the mean of the last epoch, of all parts together."""
    torch.manual_seed(seed)
    known = _usual(Counter(gram for grams, _ in read for gram in grams), SEEN)
    parts = _usual(Counter(act for _, acts in read for act in acts), DONE)
    rows = {gram: row for row, gram in enumerate(known)}
    columns = {act: column for column, act in enumerate(parts)}
    asked = [[rows[gram] for gram in sorted(grams) if gram in rows] for grams, _ in read]
    done = [[columns[act] for act in sorted(acts) if act in columns] for _, acts in read]
    weights, bias, loss = _fitted(asked, done, len(known), len(parts))
    write_reader(output, known, parts, weights.numpy(), bias.numpy())
    return Learnt(known, parts, loss)


def _usual(counted: "Counter[str]", least: int) -> list[str]:
    return sorted(name for name, count in counted.items() if count >= least)


def _fitted(
    asked: list[list[int]], done: list[list[int]], known: int, parts: int
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """One logistic regression for each part, all at once."""
    table = nn.EmbeddingBag(known, parts, mode="sum")
    nn.init.zeros_(table.weight)
    counted = Counter(column for columns in done for column in columns)
    shares = torch.tensor([(counted[column] + 1) / len(done) for column in range(parts)])
    bias = nn.Parameter(torch.log(shares))
    optimizer = torch.optim.Adam([*table.parameters(), bias], lr=RATE)
    steps, step, losses = EPOCHS * (len(asked) // BATCH), 0, [0.0]
    for _ in range(EPOCHS):
        order = torch.randperm(len(asked)).tolist()
        losses = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            wanted = torch.zeros(len(chosen), parts)
            for row, place in enumerate(chosen):
                wanted[row, done[place]] = 1
            starts = [0]
            for place in chosen[:-1]:
                starts.append(starts[-1] + len(asked[place]))
            flat = [row for place in chosen for row in asked[place]]
            logits = table(torch.tensor(flat), torch.tensor(starts)) + bias
            loss = binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / len(chosen)
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - step / steps) + RATE / 300
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
    return table.weight.detach(), bias.detach(), sum(losses) / max(1, len(losses))
