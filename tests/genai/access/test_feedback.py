import pytest
from redis.asyncio import Redis

from deployments.api.services import Feedback
from genai.access.feedback import FeedbackLog
from genai.memory.cipher import Cipher
from genai.memory.store import Store
from tests.support.vault import CIPHER


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
async def test_personal_data_and_secrets_are_redacted_from_comments(
    said: str, store: Store
) -> None:
    feedback = Feedback(id="fb_1", answer_id="a1", rating="down", comment=f"it is {said} ok", at=0)

    log = FeedbackLog(store, CIPHER)
    await log.async_add("acme", "ann", feedback)

    [kept] = [judgement["comment"] async for judgement in log.async_read("acme")]
    assert all(part not in kept for part in ("1111", "corp", "IOSFODNN7"))
    assert kept.startswith("it is ")
    assert kept.endswith(" ok")


async def test_comments_are_encrypted_in_redis(redis_client: Redis, store: Store) -> None:
    feedback = Feedback(id="fb_1", answer_id="a1", rating="down", comment="said Ada Byron", at=0)

    await FeedbackLog(store, CIPHER).async_add("acme", "ann", feedback)

    [key] = await redis_client.keys("*feedback")
    assert b"Byron" not in b"".join(
        part for _, fields in await redis_client.xrange(key) for part in fields.values()
    )
    of_others = FeedbackLog(store, Cipher(b"x" * 32))
    assert [one async for one in of_others.async_read("acme")] == []
