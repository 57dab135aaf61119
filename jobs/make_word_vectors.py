"""Create the table of word vectors of genai/rag/questions/word_vectors.py.

    python -m jobs.make_word_vectors [--documents sample_bank/documents] [--output FILE]

Embeds each whole word of the embedding model's vocabulary and of the documents, and reduces the vectors to
their principal components. Takes about ten seconds of a core.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from genai.base.embedder import BaseEmbedder
from genai.embeddings.minilm import MiniLMEmbedder, packaged_model
from genai.rag.ingestion.documents import read_documents
from genai.rag.questions.word_vectors import VECTORS, condensed, save_word_vectors
from genai.settings.documents import MiniLMSettings

_DIMENSIONS = 64
_AT_ONCE = 512
_OF_DOCUMENTS = re.compile(r"[^\W\d_]{2,}")
_OF_VOCABULARY = re.compile(r"[a-z]{2,}")


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    words = list(dict.fromkeys([*vocabulary(), *sorted(written(args.documents))]))
    vectors = asyncio.run(embedded(MiniLMEmbedder(MiniLMSettings()), words))
    save_word_vectors(args.output, words, condensed(vectors, _DIMENSIONS))
    print(f"{args.output}: {len(words)} words")
    return 0


def vocabulary() -> Iterator[str]:
    """The whole words of the model, most frequent first."""
    tokens = Tokenizer.from_file(str(packaged_model() / "tokenizer.json")).get_vocab()
    return filter(_OF_VOCABULARY.fullmatch, sorted(tokens, key=lambda token: tokens[token]))


def written(folder: Path) -> set[str]:
    """The words of documents."""
    texts = (document.text.lower() for document in read_documents(folder))
    return {word for text in texts for word in _OF_DOCUMENTS.findall(text)}


async def embedded(embedder: BaseEmbedder, words: list[str]) -> np.ndarray:
    found: list[list[float]] = []
    for start in range(0, len(words), _AT_ONCE):
        found += await embedder.async_embed(words[start : start + _AT_ONCE])
    return np.asarray(found, dtype=np.float32)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=Path, default=Path("sample_bank/documents"))
    parser.add_argument("--output", type=Path, default=VECTORS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
