"""Create the initial model that `jobs.fine_tune` trains to answer questions about the sample bank's figures.

    python -m jobs.make_analyst var/models/analyst-begin

It is untrained. Its tokens are the pieces of the generator's answers, and English words.
"""

import argparse
import sys
from pathlib import Path

from genai.training.piece_llama import LlamaDimensions


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)

    from genai.embeddings.minilm import packaged_model
    from genai.training.piece_llama import make_piece_llama
    from genai.training.word_vectors import read_word_vectors
    from sample_bank.training.generator import pieces

    shape = LlamaDimensions(
        seed=args.seed,
        hidden=args.hidden,
        layers=args.layers,
        inner=args.inner,
        heads=args.heads,
    )
    vectors = read_word_vectors(packaged_model(), words=args.words, parts=args.parts)
    parameters = make_piece_llama(args.folder, vectors, pieces(args.seed, args.questions), shape)
    print(f"{args.folder}: {parameters:,} parameters")
    return 0


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    shape = LlamaDimensions()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the model goes")
    parser.add_argument("--seed", type=int, default=shape.seed)
    parser.add_argument("--hidden", type=int, default=shape.hidden)
    parser.add_argument("--layers", type=int, default=shape.layers)
    parser.add_argument("--inner", type=int, default=shape.inner)
    parser.add_argument("--heads", type=int, default=shape.heads)
    parser.add_argument("--words", type=int, default=8000, help="whole words that are one token")
    parser.add_argument("--parts", type=int, default=2000, help="ends of words that are one token")
    parser.add_argument("--questions", type=int, default=60_000, help="to find the pieces in")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
