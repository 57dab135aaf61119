"""Generates random texts from a grammar. Deterministic by seed.

An unindented line that ends with a colon names a rule; the indented lines below are its alternatives, also
several in a line, separated by bars. ``{name}`` inserts the output of another rule, ``[words]`` occur with
probability one half, and ``{{`` is a brace.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

_HOLE = re.compile(r"\{\{|\}\}|\{(\w+)\}|\[ ?[^\[\]]*\{[^\[\]]*\]")
_RULE = re.compile(r"(\w+):\s*")
Rules = Mapping[str, Sequence[str]]


class Grammar:
    """The constructor raises `KeyError` if a rule refers to a missing one."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        for alternatives in rules.values():
            for name in re.findall(r"(?<!\{)\{(\w+)\}", " ".join(alternatives)):
                rules[name]

    def say(self, rule: str, random: Random) -> str:
        alternatives = self._rules[rule]
        chosen = alternatives[random.randrange(len(alternatives))]
        return self._fill(chosen, random)

    def _fill(self, text: str, random: Random) -> str:
        def filled(match: re.Match[str]) -> str:
            if match[1]:
                return self.say(match[1], random)
            if match[0] in ("{{", "}}"):
                return match[0][0]
            return self._fill(match[0][1:-1], random) if random.random() < 0.5 else ""

        return _HOLE.sub(filled, text)


def load_grammar(paths: Iterable[Path]) -> Grammar:
    """Loads several files as one grammar. Raises `ValueError` if two rules have the same name."""
    rules: dict[str, list[str]] = {}
    for path in paths:
        more = _parse(path.read_text(encoding="utf-8"))
        if twice := sorted(rules.keys() & more.keys()):
            raise ValueError(f"{path.name}: rules of other files, too: {', '.join(twice)}")
        rules |= more
    return Grammar(rules)


def _parse(text: str) -> dict[str, list[str]]:
    rules: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("  "):
            current += line[2:].split(" | ")
        elif name := _RULE.fullmatch(line):
            if name[1] in rules:
                raise ValueError(f"a rule twice: {name[1]}")
            current = rules[name[1]] = []
    return rules
