from genai.events import DraftEvent, TokenEvent
from genai.messages import Sampling
from genai.routing.replying import MODEL, FixedReply
from tests.support.answering import question


async def test_the_reply_names_no_model_and_costs_nothing() -> None:
    draft = await FixedReply("Hello to you.").async_answer(question())

    assert (draft.text, draft.model, draft.route) == ("Hello to you.", MODEL, "chat")
    assert draft.usage.total_tokens == 0


async def test_a_stream_ends_with_the_whole_reply() -> None:
    events = [event async for event in FixedReply("Hello to you.").async_stream(question())]

    said = "".join(event.text for event in events if isinstance(event, TokenEvent))
    assert isinstance(events[-1], DraftEvent)
    assert events[-1].draft.text == said == "Hello to you."


async def test_a_reply_obeys_max_tokens() -> None:
    asked = question().model_copy(update={"sampling": Sampling(max_tokens=2)})

    draft = await FixedReply("Hello to you, and to all of yours.").async_answer(asked)

    assert draft.text.startswith("Hello")
    assert len(draft.text) < 12
    assert draft.finish_reason == "length"
