"""Reads a Dockerfile into its stages, as far as its rules can be tested without building it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$", re.S)


@dataclass
class Stage:
    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [arguments for name, arguments in self.steps if name == instruction]


def arguments_before_stages(path: Path) -> dict[str, str]:
    """The defaults of the ``ARG`` that ``FROM`` may use."""
    found: dict[str, str] = {}
    for instruction, rest in _instructions(path.read_text()):
        if instruction == "FROM":
            break
        if instruction == "ARG":
            name, _, value = rest.partition("=")
            found[name] = value
    return found


def stages(path: Path) -> dict[str, Stage]:
    """By name, in order, with the defaults of the arguments filled in."""
    defaults = arguments_before_stages(path)
    found: dict[str, Stage] = {}
    for instruction, rest in _instructions(path.read_text()):
        if instruction == "FROM":
            base, _, name = _filled(rest, defaults).partition(" AS ")
            stage = found[name] = Stage(base, name)
        elif found:
            stage.steps.append((instruction, rest))
    return found


def lineage(known: dict[str, Stage], name: str) -> list[Stage]:
    """The stage and those that it is built from, the outermost first."""
    chain = []
    while name in known:
        chain.append(known[name])
        name = known[name].base
    return chain[::-1]


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = []
    for line in joined.splitlines():
        match = INSTRUCTION.match(line)
        assert match, f"not an instruction: {line}"
        found.append((match[1], " ".join(match[2].split())))
    return found


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)
