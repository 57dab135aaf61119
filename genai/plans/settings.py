"""What a plan may consist of: nodes that name each other, as they stand under ``plans``.

    ask         a question to the documents, the agent or the plain model
    tool        one call of a tool
    sequence    nodes one after the other
    parallel    nodes at the same time, and what they found put together
    map         one node for each item of a list that a node before it has found
    handoff     a supervisor gives each part of the question to the specialist for it

`genai.plans.graph` says when such nodes make a plan.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from genai.section import Section

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AnswererRoute = Literal["chat", "rag", "agent"]
Merging = Literal["join", "model"]

ITEMS_AT_MOST = 50


class NodeSection(Section):
    """What every node has.

    A node that takes longer than ``timeout_s`` has failed. ``retries`` are made of what may pass by
    itself. After that ``on_failure`` says whether the plan fails, goes on without this node, or has
    the node ``fallback`` do its work.
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
    """``question`` may hold ``{question}`` and, within a map, ``{item}``. ``reads`` names nodes that
    are done before: what they found is shown as data. With ``must_find`` an answer that looked
    nothing up and cites nothing has failed.
    """

    node: Literal["ask"]
    route: AnswererRoute
    question: str = Field(default="{question}", min_length=1)
    reads: tuple[Name, ...] = ()
    must_find: bool = False


class ToolNode(NodeSection):
    """``tool`` is one of those under ``agent.tools``. Texts in its ``arguments`` may hold
    ``{question}`` and ``{item}``. One with side effects waits for an approval.
    """

    node: Literal["tool"]
    tool: Name
    arguments: dict[str, str | int | float | bool] = {}


class SequenceNode(NodeSection):
    """The last of the ``steps`` answers."""

    node: Literal["sequence"]
    steps: tuple[Name, ...] = Field(min_length=1)


class MergeSection(NodeSection):
    """``join`` puts the texts one after the other; ``model`` has the model of ``chat`` write one
    answer of them, without numbers that none of them has.
    """

    merge: Merging = "join"


class ParallelNode(MergeSection):
    """All ``branches`` at the same time; the first that fails the plan stops the others."""

    node: Literal["parallel"]
    branches: tuple[Name, ...] = Field(min_length=2)


class MapNode(MergeSection):
    """``over`` is the node whose list it is: a JSON list or the lines of its text, or the ``column``
    of the table that its last tool found. So many items ``at_most``, so many of them ``at_once``.
    """

    node: Literal["map"]
    over: Name
    each: Name
    column: str | None = None
    at_most: int = Field(default=8, ge=1, le=ITEMS_AT_MOST)
    at_once: int = Field(default=4, ge=1, le=ITEMS_AT_MOST)


class Specialist(Section):
    """``route`` is what the specialist is asked for when nobody but the router decides it, and
    ``description`` is what a model that decides reads of it.
    """

    node: Name
    route: AnswererRoute
    description: str = ""


class HandoffNode(MergeSection):
    """With an ``llm`` that model splits the question; without, and where it does not obey, the words
    that join two questions do.
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
