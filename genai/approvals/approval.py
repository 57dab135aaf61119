"""An approval: an action that waits for a person, and the person's decision."""

from typing import Literal

from genai.messages import ApprovalRequest, Value

Verdict = Literal["approved", "rejected", "withdrawn", "expired"]


class Ruling(Value):
    """A decision. ``arguments`` is JSON text: exactly what may be done, if approved.

    ``key_id`` is the key of the person who decided or withdrew; empty if it expired.
    """

    verdict: Verdict
    arguments: str = ""
    edited: bool = False
    comment: str = ""
    key_id: str = ""
    at: float


class Approval(Value):
    """``user`` is the asker; ``parameters`` is the JSON schema for edited arguments.

    ``request_id`` is that of the request in which it came up.
    """

    request: ApprovalRequest
    user: str
    parameters: str
    request_id: str
    asked_at: float
    ruling: Ruling | None = None

    @property
    def status(self) -> Literal["pending", "approved", "rejected", "withdrawn", "expired"]:
        return "pending" if self.ruling is None else self.ruling.verdict
