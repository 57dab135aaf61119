"""``/v1/approvals``: actions of agents that wait for a person."""

from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import Body
from genai.access.principal import Role
from genai.approvals import decisions
from genai.approvals.approval import Approval

DECIDERS: tuple[Role, ...] = decisions.DECIDERS
LIMIT, MOST = 50, 200


class ApprovalOut(BaseModel):
    """A pending or decided approval. With `outcome_unknown`, the action was started after an earlier
    approval and its outcome is not known: approving it again may perform it twice.
    """

    id: str
    run_id: str
    status: Literal["pending", "approved", "rejected", "withdrawn", "expired"]
    why: Literal["side_effects", "outcome_unknown"]
    tool: str
    arguments: dict[str, JsonValue] = Field(description="What the agent wants to do it with.")
    parameters: dict[str, JsonValue] = Field(description="The JSON schema of the arguments.")
    user: str = Field(description="Whose question it came up in.")
    request_id: str
    asked_at: float
    expires_at: float
    decided_at: float | None
    decided_by: str | None = Field(description="The id of the key of who decided or withdrew it.")
    approved_arguments: dict[str, JsonValue] | None
    comment: str


class ApprovalList(BaseModel):
    object: Literal["list"] = "list"
    data: tuple[ApprovalOut, ...]


class DecisionBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decision": "approve"},
                {"decision": "edit", "arguments": {"card_id": 50007}},
            ]
        }
    )

    decision: Literal["approve", "reject", "edit"]
    arguments: dict[str, JsonValue] | None = Field(
        default=None, description="With `edit`: what is to be done instead, all arguments of it."
    )
    comment: Annotated[str, Field(max_length=500)] = Field(
        default="", description="The agent is told it when the decision is `reject`."
    )

    @model_validator(mode="after")
    def arguments_are_edited(self) -> Self:
        if (self.decision == "edit") != (self.arguments is not None):
            raise ValueError("arguments go with the decision edit, and with no other")
        return self


async def list_approvals(call: Call, body: None) -> Reply:
    """The newest approvals; those of other people only for operators and admins."""
    limit = call.query_number("limit", LIMIT, most=MOST)
    found = await call.services.approvals.async_list(call.principal, limit=limit)
    return reply({"object": "list", "data": [approval_object(each) for each in found]})


async def get_approval(call: Call, body: None) -> Reply:
    """One approval, with the decision about it."""
    approval_id = call.identifier("approval_id")
    return reply(
        approval_object(await call.services.approvals.async_get(call.principal, approval_id))
    )


async def decide_approval(call: Call, body: DecisionBody) -> Reply:
    """Approves, rejects or edits. The waiting run continues at once.

    The first decision is final. Repeating it is no error; a different one is a conflict.
    """
    arguments = "" if body.arguments is None else orjson.dumps(body.arguments).decode()
    decided = await call.services.approvals.async_decide(
        call.principal,
        call.identifier("approval_id"),
        body.decision,
        arguments=arguments,
        comment=body.comment,
    )
    return reply(approval_object(decided))


async def withdraw_approval(call: Call, body: None) -> Reply:
    """Withdraws what you asked for yourself, while nobody has decided about it.

    The waiting run continues without the action. Repeating it is no error; after a decision it is a
    conflict.
    """
    approval_id = call.identifier("approval_id")
    withdrawn = await call.services.approvals.async_withdraw(call.principal, approval_id)
    return reply(approval_object(withdrawn))


def approval_object(approval: Approval) -> dict[str, Any]:
    request, ruling = approval.request, approval.ruling
    approved = ruling.arguments if ruling is not None and ruling.arguments else None
    return {
        "id": request.id,
        "run_id": request.run_id,
        "status": approval.status,
        "why": request.why,
        "tool": request.tool,
        "arguments": orjson.loads(request.arguments),
        "parameters": orjson.loads(approval.parameters),
        "user": approval.user,
        "request_id": approval.request_id,
        "asked_at": approval.asked_at,
        "expires_at": request.expires_at,
        "decided_at": ruling.at if ruling else None,
        "decided_by": ruling.key_id or None if ruling else None,
        "approved_arguments": orjson.loads(approved) if approved else None,
        "comment": ruling.comment if ruling else "",
    }
