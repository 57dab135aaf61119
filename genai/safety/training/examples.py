"""The labelled texts for training: public data from a folder, and generated texts."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from genai.safety.examples.grammar import Grammar, load_grammar
from genai.safety.training.settings import TrainingSettings

GRAMMARS = Path(__file__).parents[1] / "examples"
GENERATED = "generated"
_TRIES = 6


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A labelled text. ``payload`` is the part of the text that attacks, if known."""

    source: str
    text: str
    attack: bool
    payload: str = ""

    @property
    def odd(self) -> bool:
        """Selects half of all texts, deterministically."""
        return bool(crc32(self.text.encode("utf-8", "replace")) % 2)


def examples_in(folder: Path, settings: TrainingSettings) -> list[LabelledText]:
    """All public texts, in the order of the settings."""
    found: list[LabelledText] = []
    for file in settings.labelled:
        found += [
            LabelledText(file, row["text"], bool(row["label"]), row.get("payload") or "")
            for row in _rows(folder / file)
        ]
    for file, field in settings.harmless.items():
        texts = [_text(row[field]) for row in _rows(folder / file)]
        found += [
            LabelledText(file, text, attack=False) for text in texts[: settings.most_of_a_file]
        ]
    return found


def generated_examples(settings: TrainingSettings) -> list[LabelledText]:
    """Generated examples without duplicates. Deterministic by the seed."""
    grammar = load_grammar(sorted(GRAMMARS.glob("*.grammar")))
    found: list[LabelledText] = []
    for wanted in settings.generated:
        say = partial(grammar.say, wanted.rule)
        texts = _different(say, wanted.count, settings.seed)
        found += [LabelledText(f"{GENERATED}/{wanted.rule}", text, wanted.attack) for text in texts]
    random = Random(settings.seed)
    found += [_inserted(grammar, random) for _ in range(settings.inserted)]
    return found


def _inserted(grammar: Grammar, random: Random) -> LabelledText:
    """An attack between harmless passages."""
    rules = ("indirect",) * 3 + (("override", "extraction", "persona_attack", "foreign_attack"),)
    rule = random.choice(rules)
    payload = grammar.say(rule if isinstance(rule, str) else random.choice(rule), random)
    parts = [grammar.say("passage", random) for _ in range(random.choice((1, 1, 2, 3)))]
    parts.insert(random.randrange(len(parts) + 1), payload)
    text = random.choice((" ", "\n", "\n\n")).join(parts)
    return LabelledText(f"{GENERATED}/inserted", text, attack=True, payload=payload)


def _different(say: Callable[[Random], str], count: int, seed: int) -> list[str]:
    random = Random(seed)
    found: dict[str, None] = {}
    for _ in range(count * _TRIES):
        found[_mistyped(say(random), random)] = None
        if len(found) == count:
            break
    return list(found)


def _mistyped(text: str, random: Random) -> str:
    """Swaps two adjacent letters in one of eight words, in a tenth of the texts."""
    if random.random() > 0.1:
        return text
    words = text.split(" ")
    for index, word in enumerate(words):
        if len(word) > 3 and random.random() < 0.125:
            at = random.randrange(len(word) - 1)
            words[index] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _text(value: Any) -> str:
    """A text, or that of the last of several chat messages."""
    while isinstance(value, list):
        value = value[-1]
    return str(value["content"] if isinstance(value, dict) else value)
