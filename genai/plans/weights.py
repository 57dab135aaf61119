"""The weights by which a plan's budget is divided among branches: the number of calls that may cost money."""

from collections.abc import Collection

from genai.settings.plan_graph import children
from genai.settings.plans import AskNode, HandoffNode, MergeSection, PlanSettings

WRITER = "writer"


class NodeWeights:
    """``paid`` are the routes, and the `WRITER`, that may cost money."""

    def __init__(self, plan: PlanSettings, paid: Collection[str]) -> None:
        self._plan = plan
        self._paid = paid
        self._known: dict[str, int] = {}

    def of(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = self._weighed(name)
        return self._known[name]

    def _weighed(self, name: str) -> int:
        node = self._plan.nodes[name]
        own = isinstance(node, AskNode) and node.route in self._paid
        merges = isinstance(node, MergeSection) and node.merge == "model" and WRITER in self._paid
        splits = isinstance(node, HandoffNode) and node.llm is not None
        return own + merges + splits + sum(self.of(child) for child in children(node))
