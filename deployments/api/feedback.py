"""``POST /v1/feedback``: ratings of answers."""

import time
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import TimedBody
from deployments.api.services import Feedback
from genai.memory.names import checked


class FeedbackBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer_id": "ans_1f0c", "rating": "up"}]}
    )

    answer_id: str = Field(description="The `id` of an answer that this user got.")
    rating: Literal["up", "down"]
    comment: str = Field(default="", max_length=4000)


class FeedbackReceipt(BaseModel):
    id: str
    answer_id: str
    rating: Literal["up", "down"]


async def give_feedback(call: Call, body: FeedbackBody) -> Reply:
    """Rate an answer. Ratings are used for evaluation and training."""
    answer_id = checked(body.answer_id, "answer_id")
    call.services.answer_ids.verify(answer_id, call.principal)
    feedback = Feedback(
        id=f"fb_{uuid4().hex}",
        answer_id=answer_id,
        rating=body.rating,
        comment=body.comment,
        at=time.time(),
    )
    principal = call.principal
    await call.services.feedback.async_add(principal.tenant, principal.user, feedback)
    return reply(feedback.model_dump(include={"id", "answer_id", "rating"}), 201)
