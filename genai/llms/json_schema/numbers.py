"""The numeric ranges of a JSON schema, in the form that xgrammar enforces."""

import math
from fractions import Fraction
from typing import Final

from genai.llms.json_schema.example import Json
from genai.llms.json_schema.merging import Merged, Schema, UnsupportedKeyword

STEPS: Final = 10**6
"""xgrammar 0.2 enforces bounds to six decimals."""
LARGEST: Final = 2**53
TERSE_ROOM: Final = 999_999
MOST_MULTIPLES: Final = 500


def numbers(whole: Merged, kind: str, *, terse: bool) -> tuple[Json, int]:
    """The schema, `None` if no number is allowed, and the length of a short number."""
    step = Fraction(1) if kind == "integer" or whole.multiple else Fraction(1, STEPS)
    step = whole.multiple or step
    low, high = _first(whole, step), _last(whole, step)
    if terse or whole.multiple:
        low, high = _room(low, high, step)
    if low is not None and high is not None and low > high:
        if whole.low is not None and whole.high is not None and whole.low < whole.high:
            raise UnsupportedKeyword("minimum", "and maximum are too close to each other")
        return None, 0
    for end in (low, high):
        if end is not None and abs(end) > LARGEST:
            raise UnsupportedKeyword("minimum or maximum", f"may be at most {LARGEST:,}")
    if whole.multiple and low is not None and high is not None:
        return _multiples(low, high, step), len(str(low))
    schema: Schema = {"type": kind}
    if low is not None:
        schema["minimum"] = _number(low)
    if high is not None:
        schema["maximum"] = _number(high)
    return schema, max(1, *(len(str(schema.get(key, ""))) for key in ("minimum", "maximum")))


def _first(whole: Merged, step: Fraction) -> Fraction | None:
    """The smallest allowed multiple of the step."""
    if whole.low is None:
        return None
    number = math.ceil(whole.low / step) * step
    return number + step if whole.low_exclusive and number == whole.low else number


def _last(whole: Merged, step: Fraction) -> Fraction | None:
    if whole.high is None:
        return None
    number = math.floor(whole.high / step) * step
    return number - step if whole.high_exclusive and number == whole.high else number


def _room(low: Fraction | None, high: Fraction | None, step: Fraction) -> tuple[Fraction, Fraction]:
    """Fills in missing bounds."""
    if low is None:
        low = min(Fraction(0), high - step if high is not None else Fraction(0))
    return low, low + TERSE_ROOM if high is None else high


def _multiples(low: Fraction, high: Fraction, step: Fraction) -> Json:
    if high - low > step * MOST_MULTIPLES:
        high = low + step * MOST_MULTIPLES
    values: list[Json] = []
    while low <= high:
        values.append(int(low))
        low += step
    return {"enum": values}


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
