"""An approval: an action that waits for a person, and the person's decision."""

from typing import Literal

from genai.messages import ApprovalRequest, Value

Verdict = Literal["approved", "rejected", "expired"]


class Ruling(Value):
    """A decision. ``arguments`` is JSON text: what may be done, word for word, when it is approved.

    ``key_id`` is that of the person's key; nobody's for what expired.
    """

    verdict: Verdict
    arguments: str = ""
    edited: bool = False
    comment: str = ""
    key_id: str = ""
    at: float


class Approval(Value):
    """``user`` asked for it; ``parameters`` is the JSON schema that edited arguments must meet.

    ``request_id`` is that of the request in which it came up.
    """

    request: ApprovalRequest
    user: str
    parameters: str
    request_id: str
    asked_at: float
    ruling: Ruling | None = None

    @property
    def status(self) -> Literal["pending", "approved", "rejected", "expired"]:
        return "pending" if self.ruling is None else self.ruling.verdict
