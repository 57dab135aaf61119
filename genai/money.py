"""Converts between dollars, for people and settings, and integer micro-dollars, for arithmetic."""

from typing import overload

MICRO = 1_000_000
"""Millionths in a dollar."""


@overload
def micro_usd(usd: float) -> int: ...
@overload
def micro_usd(usd: None) -> None: ...
@overload
def micro_usd(usd: float | None) -> int | None: ...
def micro_usd(usd: float | None) -> int | None:
    """Rounded to the nearest integer. None, for no limit, stays None."""
    return None if usd is None else round(usd * MICRO)


@overload
def usd(micro: float) -> float: ...
@overload
def usd(micro: None) -> None: ...
@overload
def usd(micro: float | None) -> float | None: ...
def usd(micro: float | None) -> float | None:
    return None if micro is None else micro / MICRO
