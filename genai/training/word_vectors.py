"""Word embeddings of MiniLM, to initialise a model so that synonyms are neighbours."""

import re
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

CONTINUES = "##"
FIRST_WORD = 999
"""The vocabulary begins with special tokens and single characters."""


@dataclass(frozen=True, slots=True)
class WordPieceVectors:
    """``words`` are whole words, ``parts`` are continuations; both sorted by frequency."""

    words: tuple[str, ...]
    parts: tuple[str, ...]
    rows: dict[str, int]
    table: Tensor
    tokenizer: Tokenizer

    def of_word(self, word: str) -> Tensor | None:
        return self.table[self.rows[word]] if word in self.rows else None

    def of_part(self, part: str) -> Tensor | None:
        return self.of_word(f"{CONTINUES}{part}")

    def of_text(self, text: str) -> Tensor | None:
        """The mean of its words' vectors."""
        words = " ".join(re.findall(r"[a-z]+", text.lower()))
        ids = self.tokenizer.encode(words, add_special_tokens=False).ids
        return self.table[ids].mean(0) if ids else None


def read_word_vectors(folder: Path, *, words: int, parts: int) -> WordPieceVectors:
    """The most frequent words and parts of a BERT-like model in ``folder``."""
    names = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip().split("\n")
    known = load_file(folder / "model.safetensors")
    (key,) = (name for name in known if name.endswith("word_embeddings.weight"))
    table = known[key].float()
    plain = [name.removeprefix(CONTINUES) for name in names[FIRST_WORD:]]
    usable = [text.isascii() and text.isalpha() and len(text) > 1 for text in plain]
    pairs = list(zip(names[FIRST_WORD:], usable, strict=True))
    return WordPieceVectors(
        words=tuple(n for n, ok in pairs if ok and not n.startswith(CONTINUES))[:words],
        parts=tuple(n[2:] for n, ok in pairs if ok and n.startswith(CONTINUES))[:parts],
        rows={name: row for row, name in enumerate(names)},
        table=table - table[FIRST_WORD:].mean(0),
        tokenizer=Tokenizer.from_file(str(folder / "tokenizer.json")),
    )
