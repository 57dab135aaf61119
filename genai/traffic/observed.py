"""The record of a request in the traffic log: no texts, only what comparisons and drift checks need."""

from typing import Literal

from genai.messages import Value

Outcome = Literal["answered", "refused", "failed"]


class Observed(Value):
    """``model`` is the slot that was assigned; with ``degraded`` another one answered.

    ``embedding`` is a random projection of the question's embedding: it preserves distances, but the
    text cannot be recovered from it. It and ``score`` (groundedness) are filled for a sample only.
    """

    answer_id: str = ""
    at: float
    outcome: Outcome
    code: str = ""
    route: str = ""
    model: str = ""
    degraded: bool = False
    seconds: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    input_chars: int = 0
    output_chars: int = 0
    score: float | None = None
    embedding: tuple[float, ...] = ()
