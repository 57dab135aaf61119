"""Reduces many safety decisions to the worst of each check."""

from collections.abc import Iterable

from genai.messages import Decision

_STRENGTH = {"allow": 0, "redact": 1, "block": 2}


def worst_decisions(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """One per check and stage, in order of first appearance; the times are summed."""
    found: dict[tuple[str, str], Decision] = {}
    ms: dict[tuple[str, str], float] = {}
    for new in decisions:
        key = (new.check, new.stage)
        ms[key] = ms.get(key, 0.0) + new.ms
        old = found.get(key)
        if old is None or _weight(new) > _weight(old):
            found[key] = new
    return tuple(one.model_copy(update={"ms": ms[key]}) for key, one in found.items())


def _weight(decision: Decision) -> tuple[int, float]:
    return _STRENGTH[decision.action], decision.score
