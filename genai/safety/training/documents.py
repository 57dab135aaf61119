"""The documents that the project ships, and the questions in their hints: harmless by definition."""

import re
from collections.abc import Iterator
from pathlib import Path

from genai.safety.training.examples import LabelledText

_HINTS = re.compile(r"<!--\s*(?:not )?(?:asked|answered)\b(.*?)-->", re.DOTALL)
_HEADING = re.compile(r"\n(?=#)")
_SHORTEST = 20


def document_examples(folder: Path) -> Iterator[LabelledText]:
    """A text for each section and for each question that a hint gives."""
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for section in _HEADING.split(_HINTS.sub("", text)):
            if len(section.strip()) >= _SHORTEST:
                yield LabelledText(f"{folder}", section.strip(), attack=False)
        for hints in _HINTS.findall(text):
            for line in hints.split("\n"):
                if len(line.strip()) >= _SHORTEST:
                    yield LabelledText(f"{folder} hints", line.strip(), attack=False)
