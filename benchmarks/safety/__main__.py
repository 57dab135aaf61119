"""Measures recall and false alarms of the safety checks, for each file of public data separately.

    python -m benchmarks.safety --data ../shared/data [--out results.md] [injection ...]

Each family of checks is a module here with `tables`, named in `FAMILIES`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.safety import injection, output, pii, retelling
from benchmarks.safety.table import Table

FAMILIES: Mapping[str, Callable[[Path], Sequence[Table]]] = {
    "injection": injection.tables,
    "shipped": injection.shipped,
    "pii": pii.tables,
    "output": output.tables,
    "retelling": retelling.tables,
}
USUAL = [name for name in FAMILIES if name != "shipped"]
"""``shipped`` is the part of ``injection`` without training."""


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if not args.data.is_dir():
        print(f"no data in {args.data}; name their folder with --data", file=sys.stderr)
        return 1
    made = [table.markdown() for name in args.families for table in FAMILIES[name](args.data)]
    text = "\n".join(made)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "families",
        nargs="*",
        default=USUAL,
        help=", ".join(FAMILIES),
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
