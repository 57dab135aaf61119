import pytest
from ray.serve.exceptions import BackPressureError

from deployments.calls import MOST_LOSSES, call, stream
from deployments.ray_errors import ReplicaLost
from genai.errors import DeadlineExceeded, Overloaded
from tests.support.handles import DIES, Replies


async def test_a_call_whose_replica_dies_is_made_again() -> None:
    method = Replies(DIES, DIES, DIES, "answer")

    assert await call(method, "question", returns=str, within_s=10) == "answer"
    assert method.calls == [("question",)] * 4


async def test_a_call_that_kills_every_replica_is_given_up() -> None:
    method = Replies(DIES)

    with pytest.raises(ReplicaLost):
        await call(method, returns=str, within_s=30)
    assert len(method.calls) == MOST_LOSSES


async def test_a_call_ends_at_its_deadline_while_no_replica_lives() -> None:
    with pytest.raises(DeadlineExceeded):
        await call(Replies(DIES), returns=str, within_s=0.2)


async def test_a_full_queue_is_not_asked_again() -> None:
    method = Replies(BackPressureError(num_queued_requests=5, max_queued_requests=5))

    with pytest.raises(Overloaded):
        await call(method, returns=str, within_s=10)
    assert len(method.calls) == 1


async def test_a_stream_is_begun_again_before_its_first_item() -> None:
    method = Replies([DIES], [["a", "b"], ["c"]])

    assert [item async for item in stream(method, within_s=10)] == ["a", "b", "c"]


async def test_a_stream_that_breaks_later_says_so() -> None:
    method = Replies([["a"], DIES], [["never"]])
    said: list[str] = []

    with pytest.raises(ReplicaLost):
        async for item in stream(method, within_s=10):
            said += [item]
    assert said == ["a"]


async def test_leaving_a_stream_stops_the_callee() -> None:
    method = Replies([["a"], ["b"]])
    items = stream(method, within_s=10)

    await anext(items)
    await items.aclose()  # type: ignore[attr-defined]

    assert method.cancelled == 1


async def test_a_deadline_ends_a_stream_that_waits_for_a_replica() -> None:
    with pytest.raises(DeadlineExceeded):
        async for _ in stream(Replies([DIES]), within_s=0.2):
            pass
