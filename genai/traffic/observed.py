"""What is remembered of every request, to compare versions and to notice drift. No texts."""

from typing import Literal

from genai.messages import Value

Outcome = Literal["answered", "refused", "failed"]


class Observed(Value):
    """``model`` is the slot that was to answer, whether it did or another had to (``degraded``).

    ``embedding`` is a random projection of the question's embedding: good for distances between
    many, of no use to read one. It is made of a sample of the requests, and so is ``score``.
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
