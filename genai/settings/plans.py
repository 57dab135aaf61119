"""The settings of plans: nodes that refer to each other by name, under ``plans``.

    ask         a question to the documents, the agent or the plain model
    tool        a tool call
    sequence    nodes one after the other
    parallel    concurrent nodes, with merged outcomes
    map         a node for each item of a list that an earlier node found
    handoff     a supervisor assigns each part of the question to a specialist

`genai.settings.plan_graph` validates them.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from genai.errors import InvalidInput
from genai.section import Section

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AnswererRoute = Literal["chat", "rag", "agent"]
Merging = Literal["join", "model"]

ITEMS_AT_MOST = 50


class NodeSection(Section):
    """The settings of every node.

    A node that takes longer than ``timeout_s`` has failed. ``retries`` apply to temporary failures.
    After that ``on_failure`` decides whether the plan fails, continues without this node, or runs the
    node ``fallback`` instead.
    """

    timeout_s: float | None = Field(default=None, gt=0)
    retries: int = Field(default=0, ge=0, le=5)
    on_failure: Literal["fail", "skip", "fallback"] = "fail"
    fallback: Name | None = None

    @model_validator(mode="after")
    def names_its_fallback(self) -> "NodeSection":
        if (self.on_failure == "fallback") != (self.fallback is not None):
            raise ValueError("on_failure: fallback and the name of a fallback belong together")
        return self


class AskNode(NodeSection):
    """``question`` may contain ``{question}`` and, within a map, ``{item}``. ``reads`` names earlier
    nodes, whose outcomes are shown as data. With ``must_find``, an answer without look-ups and
    citations is a failure.
    """

    node: Literal["ask"]
    route: AnswererRoute
    question: str = Field(default="{question}", min_length=1)
    reads: tuple[Name, ...] = ()
    must_find: bool = False


class ToolNode(NodeSection):
    """``tool`` is one of ``agent.tools``. Texts in its ``arguments`` may contain ``{question}`` and
    ``{item}``. A tool with side effects waits for an approval.
    """

    node: Literal["tool"]
    tool: Name
    arguments: dict[str, str | int | float | bool] = {}


class SequenceNode(NodeSection):
    """Runs ``steps`` in order. The last one gives the answer."""

    node: Literal["sequence"]
    steps: tuple[Name, ...] = Field(min_length=1)


class MergeSection(NodeSection):
    """``join`` concatenates the texts; ``model`` lets the model of ``chat`` merge them into one answer,
    without numbers that none of them has.
    """

    merge: Merging = "join"


class ParallelNode(MergeSection):
    """Runs ``branches`` concurrently. The first one that fails the plan stops the others."""

    node: Literal["parallel"]
    branches: tuple[Name, ...] = Field(min_length=2)


class MapNode(MergeSection):
    """``over`` is the node with the list: a JSON list, the lines of its text, or the ``column`` of the
    last table that its tool found. At most ``at_most`` items are used, ``at_once`` of them
    concurrently.
    """

    node: Literal["map"]
    over: Name
    each: Name
    column: str | None = None
    at_most: int = Field(default=8, ge=1, le=ITEMS_AT_MOST)
    at_once: int = Field(default=4, ge=1, le=ITEMS_AT_MOST)


class Specialist(Section):
    """``route`` is the specialist's route when the rule assigns parts; ``description`` tells the
    supervisor's model what it can answer.
    """

    node: Name
    route: AnswererRoute
    description: str = ""


class HandoffNode(MergeSection):
    """Splits the question and assigns the parts: by the model ``llm``, or, without one or if its reply
    is invalid, by the conjunctions in the question.
    """

    node: Literal["handoff"]
    specialists: dict[Name, Specialist] = Field(min_length=1)
    llm: str | None = None


Node = Annotated[
    AskNode | ToolNode | SequenceNode | ParallelNode | MapNode | HandoffNode,
    Field(discriminator="node"),
]


class PlanSettings(Section):
    """``start`` is the node whose outcome is the answer."""

    start: Name
    nodes: dict[Name, Node] = Field(min_length=1)
    timeout_s: float = Field(default=60.0, gt=0)
    description: str = ""


def no_such_plan(plans: Iterable[str]) -> InvalidInput:
    """Names the ``plans`` that there are."""
    names = ", ".join(sorted(plans))
    there = f"the plans are {names}" if names else "no plan is configured"
    return InvalidInput(f"there is no such plan; {there}", "plan")
