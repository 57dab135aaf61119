"""Prose without names, from texts that every training machine has."""

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from pydoc_data.topics import topics

_SENTENCE = re.compile(r"[A-Z“\"]?[a-z][^.!?\n#*`|<>{}\[\]_=\\/]{24,220}[.!?]")
_CAPITAL_INSIDE = re.compile(r"(?<=[\w,;:] )[\"'(“]?[A-Z]")


def sentences(folders: Iterable[Path]) -> list[str]:
    """Sentences without capital letters inside, so that hardly any word can be a name."""
    texts = [*_documents(folders), *topics.values(), *_descriptions()]
    found = {match[0] for text in texts for match in _SENTENCE.finditer(_unwrapped(text))}
    return sorted(sentence for sentence in found if not _CAPITAL_INSIDE.search(sentence))


def words(prose: Iterable[str]) -> list[str]:
    """The lower-case words of the sentences, in order."""
    return sorted(
        {word for line in prose for word in re.findall(r"(?<= )[a-z]{3,}(?=[ ,.])", line)}
    )


def _documents(folders: Iterable[Path]) -> Iterator[str]:
    for folder in folders:
        for path in sorted(folder.rglob("*.md")):
            yield path.read_text()


def _descriptions() -> Iterator[str]:
    for distribution in sorted(metadata.distributions(), key=lambda d: d.metadata["Name"] or ""):
        yield str(distribution.read_text("METADATA") or "")


def _unwrapped(text: str) -> str:
    return re.sub(r"(?<=[\w,;]) *\n *(?=[a-z])", " ", text)
