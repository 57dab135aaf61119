"""Expands phrases with alternatives from the files in `phrases`.

An unindented line that ends with a colon names a phrase; the lines under it are its alternatives. In a
line, `(a|b|)` chooses one of the alternatives, `<name>` another phrase, and `{slot}` is filled in. A missing
slot is an error, so that no question says less than its SQL.
"""

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

FOLDER: Final = Path(__file__).with_name("phrases")
NAME: Final = re.compile(r"<(\w+)>")
GROUP: Final = re.compile(r"\(([^()]*)\)")
SPACES: Final = re.compile(r"\s+")
BEFORE_MARK: Final = re.compile(r"\s+([?,.!])")

EMPTY: Final = "()"


def say(random: Random, template: str, **slots: str) -> str:
    """Expands the template to one of its texts."""
    while name := NAME.search(template):
        chosen = random.choice(phrases()[name[1]])
        template = template[: name.start()] + chosen + template[name.end() :]
    while group := GROUP.search(template):
        chosen = random.choice(group[1].split("|"))
        template = template[: group.start()] + chosen + template[group.end() :]
    return tidy(template.format(**slots))


def tidy(text: str) -> str:
    return BEFORE_MARK.sub(r"\1", SPACES.sub(" ", text)).strip()


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """The alternatives by name. Raises `ValueError` for a duplicate name."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for path in sorted(FOLDER.glob("*.phrases")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                lines.append(line.strip())
            elif line and not line.startswith("#"):
                name = line.removesuffix(":")
                if name in found:
                    raise ValueError(f"the phrase {name} is there twice")
                lines = found[name] = []
    return {name: tuple(lines) for name, lines in found.items()}
