from collections.abc import AsyncIterator

import pytest

from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, RestartEvent, TokenEvent
from genai.messages import Citation, Draft
from genai.rag.answering.citations import UNCERTAIN
from genai.rag.answering.declining import unanswered, until_said
from genai.rag.evidence.judging import UNANSWERED
from tests.support.plans import tokens

CITED = Citation(document_id="d", title="D", quote="It is free.")


def draft(text: str, *citations: Citation) -> Draft:
    return Draft(text=text, route="rag", model="m", citations=citations)


async def told(*events: DraftStreamEvent) -> list[DraftStreamEvent]:
    async def stream() -> AsyncIterator[DraftStreamEvent]:
        for event in events:
            yield event

    return [event async for event in until_said(stream())]


@pytest.mark.parametrize(
    ("one", "open_"),
    [
        (draft(UNANSWERED), True),
        (draft("\nI do not know that."), True),
        (draft("I don't know of a limit.", CITED), False),
        (draft("It is free."), False),
    ],
)
def test_an_answer_without_a_source_that_says_it_does_not_know_is_none(
    one: Draft, open_: bool
) -> None:
    assert unanswered(one) is open_


async def test_the_words_of_a_refusal_are_not_told() -> None:
    pieces = [TokenEvent(text=piece) for piece in ("I don", "'t know: ", "nothing says that.")]

    events = await told(*pieces, DraftEvent(draft=draft("I don't know: nothing says that.")))

    assert [event.type for event in events] == ["draft"]


async def test_an_answer_is_told_as_soon_as_it_can_be_no_refusal() -> None:
    pieces = [TokenEvent(text=piece) for piece in ("It ", "is always free", " for you.")]

    events = await told(*pieces, DraftEvent(draft=draft("It is always free for you.")))

    assert events[:-1] == pieces


async def test_the_nearest_is_told_with_its_citation_after_its_words() -> None:
    nearest = draft(f"{UNCERTAIN} The nearest: It is free. [1]", CITED)
    pieces: list[DraftStreamEvent] = [
        TokenEvent(text=nearest.text),
        CitationEvent(citation=CITED),
    ]

    assert not unanswered(nearest)
    assert await told(*pieces, DraftEvent(draft=nearest)) == [*pieces, DraftEvent(draft=nearest)]


async def test_a_short_answer_is_told_at_its_end() -> None:
    events = await told(TokenEvent(text="Free."), DraftEvent(draft=draft("Free.", CITED)))

    assert tokens(events) == "Free."


async def test_a_refusal_that_another_answer_replaces_is_forgotten() -> None:
    refusal, answer = TokenEvent(text="I don't know"), TokenEvent(text="It costs eight euros.")

    events = await told(
        refusal, RestartEvent(), answer, DraftEvent(draft=draft(answer.text, CITED))
    )

    assert tokens(events) == answer.text
