import asyncio
from typing import Any

import pytest

from deployments.ray_errors import ReplicaLost
from deployments.remote import RemoteAnswerer, RemoteGuard, RemoteLLM
from genai.errors import BackendFailed, DeadlineExceeded, GuardUnavailable
from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, TokenEvent
from genai.llms.spent import note_spent, spent_by
from genai.messages import Citation, Draft, RequestContext, Usage
from tests.support.answering import context, question
from tests.support.handles import DIES, Deployment, Replies
from tests.support.language_models import chat_request

CITED = CitationEvent(citation=Citation(document_id="d", title="t", quote="q"))


def answer(*words: str, used: int = 3) -> list[DraftStreamEvent]:
    tokens = [TokenEvent(text=word) for word in words]
    usage = Usage(completion_tokens=used)
    draft = Draft(text="".join(words), route="rag", model="m", usage=usage)
    return [*tokens, CITED, DraftEvent(draft=draft)]


@pytest.mark.parametrize("broken_after", range(1, 5))
async def test_an_answer_goes_on_from_another_replica_wherever_the_first_one_dies(
    broken_after: int,
) -> None:
    whole = answer("A card ", "costs ", "5 euros.")
    broken = [[event] for event in whole[:broken_after]]
    deployment = Deployment(
        here=Replies(True), answer=Replies(), stream=Replies([*broken, DIES], [whole])
    )

    events = [event async for event in RemoteAnswerer(deployment).async_stream(question())]

    assert texts(events) == "A card costs 5 euros."
    assert events.count(CITED) == 1
    assert isinstance(events[-1], DraftEvent)


async def test_two_different_answers_are_never_mixed() -> None:
    first, second = answer("A card ", "costs ", "5 euros."), answer("A card ", "is free.")
    deployment = Deployment(
        here=Replies(True), answer=Replies(), stream=Replies([first[:2], DIES], [second])
    )
    said: list[DraftStreamEvent] = []

    with pytest.raises(BackendFailed):
        async for event in RemoteAnswerer(deployment).async_stream(question()):
            said += [event]
    assert texts(said) == "A card costs "


def texts(events: list[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, TokenEvent))


async def test_nothing_passes_when_the_checks_cannot_be_reached() -> None:
    guard = RemoteGuard(Deployment(inspect=Replies(DIES)), within_s=0.2)

    with pytest.raises(GuardUnavailable):
        await guard.async_inspect("hello", "input", context())


async def test_a_model_that_nobody_runs_is_found_to_be_sick() -> None:
    lost = Replies(DIES)
    llm = RemoteLLM(
        Deployment(chat=lost, stream=lost, alive=lost, available=lost), "bank", continues=True
    )

    with pytest.raises(ReplicaLost):
        await llm.async_check_health()


class GivesUp(Replies):
    """Gives up a moment after the deadline, and says what that has cost."""

    def __init__(self, context: RequestContext) -> None:
        super().__init__()
        self._context = context

    def remote(self, *arguments: object) -> Any:
        return self._late()

    async def _late(self) -> Any:
        await asyncio.sleep(self._context.remaining_s() + 0.1)
        error = DeadlineExceeded("the request ran out of time")
        note_spent(error, Usage(completion_tokens=7))
        raise error


async def test_what_was_spent_until_the_deadline_is_waited_for() -> None:
    asked = context(within_s=0.1)
    late = Deployment(
        here=Replies(True),
        alive=Replies(True),
        available=Replies(True),
        answer=GivesUp(asked),
        chat=GivesUp(asked),
        stream=Replies(),
    )
    handle: Any = late
    whole = question("What?").model_copy(update={"context": asked})

    with pytest.raises(DeadlineExceeded) as of_answer:
        await RemoteAnswerer(handle).async_answer(whole)
    with pytest.raises(DeadlineExceeded) as of_model:
        model = RemoteLLM(handle, "m", continues=False)
        await model.async_chat(chat_request(context=asked))

    for caught in (of_answer, of_model):
        assert spent_by(caught.value) == Usage(completion_tokens=7)


async def test_a_caller_who_leaves_cancels_the_call() -> None:
    class Hangs(Replies):
        def remote(self, *arguments: object) -> Any:
            response = super().remote(*arguments)
            response._whole = asyncio.Event().wait
            return response

    method = Hangs("never")
    llm = RemoteLLM(
        Deployment(chat=method, stream=method, alive=method, available=method),
        "bank",
        continues=False,
    )
    calling = asyncio.create_task(llm.async_chat(chat_request()))
    await asyncio.sleep(0.01)
    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling
    assert method.cancelled == 1


async def test_whoever_asks_whether_somebody_is_there_shares_the_question() -> None:
    there = Replies(True)
    answerer = RemoteAnswerer(Deployment(here=there, answer=Replies(), stream=Replies()))

    await asyncio.gather(*(answerer.async_check() for _ in range(20)))

    assert len(there.calls) == 1


async def test_a_deployment_that_does_not_answer_is_lost() -> None:
    answerer = RemoteAnswerer(Deployment(here=Replies(DIES), answer=Replies(), stream=Replies()))

    with pytest.raises(ReplicaLost):
        await answerer.async_check()
