"""The data card: content and sources of a data set, and what was left out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from genai.messages import Value
from genai.preparation.settings import PrepareSettings
from genai.preparation.split import PARTS, Part
from genai.training.samples import Sample, texts_of


class Counts(Value):
    """Numbers of samples kept and left out. ``characters`` and ``sources`` are per part."""

    samples: dict[str, dict[str, int]]
    sources: dict[str, int]
    characters: dict[str, int]
    duplicates: int = 0
    redacted: int = 0

    @property
    def total(self) -> int:
        return sum(sum(parts.values()) for parts in self.samples.values())


def count(parts: Mapping[Part, Iterable[Sample]], *, duplicates: int, redacted: int) -> Counts:
    samples: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sources: defaultdict[str, set[str]] = defaultdict(set)
    characters: Counter[str] = Counter()
    for part, held in parts.items():
        for sample in held:
            samples[sample.origin or "unknown"][part] += 1
            sources[part].add(sample.source)
            characters[part] += sum(map(len, texts_of(sample)))
    return Counts(
        samples={origin: dict(counted) for origin, counted in sorted(samples.items())},
        sources={part: len(held) for part, held in sources.items()},
        characters=dict(characters),
        duplicates=duplicates,
        redacted=redacted,
    )


def card(settings: PrepareSettings, counts: Counts, *, version: str, commit: str) -> str:
    """The card as Markdown."""
    rows = [
        f"| {origin} | " + " | ".join(str(by.get(part, 0)) for part in PARTS) + " |"
        for origin, by in counts.samples.items()
    ]
    sizes = " | ".join(str(counts.characters.get(part, 0)) for part in PARTS)
    sources = " | ".join(str(counts.sources.get(part, 0)) for part in PARTS)
    consented = any(s.source in ("conversations", "preferences") for s in settings.sources)
    return "\n".join(
        [
            f"# Data set {settings.name}, version {version}",
            "",
            f"Made by commit {commit or 'unknown'} with seed {settings.seed}. "
            f"License: {settings.license}.",
            "",
            "| samples from | train | validation | test |",
            "|---|---|---|---|",
            *rows,
            f"| sources | {sources} |",
            f"| characters | {sizes} |",
            "",
            f"- {counts.duplicates} duplicates were left out.",
            f"- In {counts.redacted} samples personal data or secrets were replaced by their kind.",
            "- A source (a session, document or template) is wholly in one part.",
            "- Conversations are of people whose key says that they consent, and of nobody else."
            if consented
            else "- It holds nothing that users of the service wrote.",
            "",
        ]
    )
