"""Train the analyst's second reader on the questions of the generator.

    python -m jobs.make_reader sample_bank/models/analyst/reader.npz

See genai/analyst/reading/second_reader.py. The last step of `make analyst`.
"""

import argparse
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)

    from genai.analyst.reading.features import ngrams, query_features
    from genai.training.second_reader import learn
    from sample_bank.training.generator import Example, examples

    def done(one: Example) -> set[str]:
        return query_features(one.sql) if one.sql else {f"declines {one.completion}"}

    read = [(ngrams(one.prompt), done(one)) for one in examples(args.seed, args.questions)]
    learnt = learn(read, args.file, args.seed)
    print(
        f"{args.file}: {len(learnt.known):,} grams, {len(learnt.parts)} parts, loss {learnt.loss:.3f}"
    )
    return 0


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="where the weights go")
    parser.add_argument("--seed", type=int, default=101, help="other questions than the model's")
    parser.add_argument("--questions", type=int, default=160_000)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
