"""Where each component runs."""

from typing import Literal

from genai.section import Section

Placement = Literal["deployment", "inline"]


class PlacementSettings(Section):
    """Where each component runs: in a deployment of its own, or inside each of its callers."""

    safety: Placement = "deployment"
    orchestrator: Placement = "deployment"
    rag: Placement = "deployment"
    agent: Placement = "deployment"
    embedder: Placement = "deployment"
