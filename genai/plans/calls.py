"""Upper bounds on how often a plan calls each answerer and model, to estimate its cost."""

from collections import Counter
from dataclasses import dataclass, field

from genai.language.clauses import MAX_CLAUSES
from genai.plans.delegation import TRIES
from genai.settings.plans import (
    AskNode,
    HandoffNode,
    MapNode,
    MergeSection,
    Node,
    ParallelNode,
    PlanSettings,
    SequenceNode,
)


@dataclass(slots=True)
class Calls:
    """``models`` are the supervisors by name, ``merges`` the answers that the model of ``chat`` merges."""

    routes: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    merges: int = 0


def calls_at_most(plan: PlanSettings) -> Calls:
    calls = Calls()
    _count(plan, plan.start, 1, calls)
    return calls


def _count(plan: PlanSettings, name: str, times: int, calls: Calls) -> None:
    node = plan.nodes[name]
    if node.fallback:
        _count(plan, node.fallback, times, calls)
    times *= node.retries + 1
    if isinstance(node, AskNode):
        calls.routes[node.route] += times
    if isinstance(node, HandoffNode) and node.llm:
        calls.models[node.llm] += times * TRIES
    if isinstance(node, MergeSection) and node.merge == "model":
        calls.merges += times
    for child, number in _below(node):
        _count(plan, child, times * number, calls)


def _below(node: Node) -> list[tuple[str, int]]:
    match node:
        case SequenceNode():
            return [(name, 1) for name in node.steps]
        case ParallelNode():
            return [(name, 1) for name in node.branches]
        case MapNode():
            return [(node.each, node.at_most)]
        case HandoffNode():
            return [(one.node, MAX_CLAUSES) for one in node.specialists.values()]
        case _:
            return []
