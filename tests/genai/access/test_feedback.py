import pytest
from redis.asyncio import Redis

from deployments.api.services import Feedback
from genai.access.feedback import FeedbackLog
from genai.memory.store import Store


@pytest.mark.parametrize(
    "said",
    [
        "4111 1111 1111 1111",
        "4111.1111.1111.1111",
        "4111\u200b1111\u200b1111\u200b1111",
        "card:4111111111111111x",
        "john.doe (at) corp (dot) com",
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA\u200bIOSFODNN7EXAMPLE",
    ],
)
async def test_a_comment_is_kept_without_data_and_secrets(
    said: str, redis_client: Redis, store: Store
) -> None:
    feedback = Feedback(id="fb_1", answer_id="a1", rating="down", comment=f"it is {said} ok", at=0)

    await FeedbackLog(store).async_add("acme", "ann", feedback)

    [key] = await redis_client.keys("*feedback")
    [(_, kept)] = await redis_client.xrange(key)
    assert all(part not in str(kept) for part in ("1111", "corp", "IOSFODNN7"))
    assert "it is " in str(kept)
    assert " ok" in str(kept)
