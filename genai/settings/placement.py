"""Settings of the placement of components."""

from typing import Literal

from genai.section import Section

Placement = Literal["deployment", "inline"]


class PlacementSettings(Section):
    """``deployment``: a Serve deployment of its own. ``inline``: inside each of its callers."""

    safety: Placement = "deployment"
    orchestrator: Placement = "deployment"
    rag: Placement = "deployment"
    agent: Placement = "deployment"
    embedder: Placement = "deployment"
