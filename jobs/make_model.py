"""Create a small language model with random weights, offline.

    python -m jobs.make_model var/models/bank --seed 0

Does nothing if the model exists. `--hidden-size 768 --layers 16` makes one of about 100 million parameters,
for benchmarks.
"""

import argparse
import sys
from pathlib import Path

from genai.llms.random_llama import LlamaRecipe, make_random_llama


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    recipe = LlamaRecipe(
        seed=args.seed,
        vocab_size=args.vocab_size,
        hidden_size=args.hidden_size,
        layers=args.layers,
        context=args.context,
    )
    texts = [path.read_text() for path in sorted(args.texts.rglob("*.md"))]
    if not texts:
        print(f"no texts for the tokenizer in {args.texts}", file=sys.stderr)
        return 1
    written = make_random_llama(args.folder, texts, recipe)
    print(f"{args.folder}: {'made' if written else 'already there'}")
    return 0


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the model goes")
    parser.add_argument("--texts", type=Path, default=Path("sample_bank/documents"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocab-size", type=int, default=4096)
    parser.add_argument("--hidden-size", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--context", type=int, default=2048, help="tokens the model can attend to")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
