"""Validates the graph of a plan: unknown names, cycles, and outcomes that are read too early."""

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from genai.settings.plans import (
    AskNode,
    HandoffNode,
    MapNode,
    Node,
    ParallelNode,
    PlanSettings,
    SequenceNode,
    ToolNode,
)

_SLOT = re.compile(r"\{(\w+)\}")


def mistakes_in(plan: PlanSettings) -> Iterator[str]:
    """Errors in the graph, in words for its author."""
    unknown = list(_unknown(plan))
    yield from unknown
    if unknown:
        return
    if circle := _circle(plan):
        yield f"the nodes go round in a circle: {' -> '.join(circle)}"
        return
    for name in sorted(set(plan.nodes) - _reached(plan)):
        yield f"no other node leads to {name}"
    yield from dict.fromkeys(_too_early(plan, plan.start, frozenset(), in_map=False))


def children(node: Node) -> tuple[str, ...]:
    """The nodes that this node runs, in order, its fallback last."""
    fallback = (node.fallback,) if node.fallback else ()
    return (*_parts(node), *fallback)


def _parts(node: Node) -> tuple[str, ...]:
    match node:
        case AskNode() | ToolNode():
            return ()
        case SequenceNode():
            return node.steps
        case ParallelNode():
            return node.branches
        case MapNode():
            return (node.each,)
        case HandoffNode():
            return tuple(specialist.node for specialist in node.specialists.values())
        case _:
            assert_never(node)


def reads(node: Node) -> tuple[str, ...]:
    """The nodes whose outcomes it reads."""
    match node:
        case AskNode():
            return node.reads
        case MapNode():
            return (node.over,)
        case _:
            return ()


def _unknown(plan: PlanSettings) -> Iterator[str]:
    if plan.start not in plan.nodes:
        yield f"start: there is no node {plan.start}"
    for name, node in plan.nodes.items():
        for other in dict.fromkeys((*children(node), *reads(node))):
            if other not in plan.nodes:
                yield f"{name}: there is no node {other}"


def _circle(plan: PlanSettings) -> tuple[str, ...]:
    done: set[str] = set()

    def follow(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done:
            return ()
        for child in children(plan.nodes[name]):
            if circle := follow(child, (*path, name)):
                return circle
        done.add(name)
        return ()

    return next((circle for name in plan.nodes if (circle := follow(name, ()))), ())


def _reached(plan: PlanSettings) -> set[str]:
    reached: set[str] = set()
    waiting = [plan.start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += children(plan.nodes[name])
    return reached


def _too_early(
    plan: PlanSettings, name: str, before: frozenset[str], *, in_map: bool
) -> Iterator[str]:
    """The nodes that a node reads although, on some path to it, they have not run yet."""
    node = plan.nodes[name]
    for read in reads(node):
        if read not in before:
            yield f"{name}: {read} is not done before it"
    for slot in _slots(node):
        if slot != "question" and not (slot == "item" and in_map):
            yield f"{name}: nothing stands for {{{slot}}} here"
    done = before
    for child in _parts(node):
        yield from _too_early(plan, child, done, in_map=in_map or isinstance(node, MapNode))
        if isinstance(node, SequenceNode):
            done |= {child}
    if node.fallback:
        yield from _too_early(plan, node.fallback, before, in_map=in_map)


def _slots(node: Node) -> Iterator[str]:
    texts: Mapping[str, object] = {}
    match node:
        case AskNode():
            texts = {"question": node.question}
        case ToolNode():
            texts = node.arguments
        case _:
            pass
    for text in texts.values():
        if isinstance(text, str):
            yield from _SLOT.findall(text)
