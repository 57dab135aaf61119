from collections.abc import AsyncIterator, Sequence

import pytest

from genai.base.llm import BaseLLM
from genai.embeddings.hashing import HashEmbedder
from genai.errors import DeadlineExceeded
from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, TokenEvent
from genai.llms.extractive import ExtractiveLLM
from genai.messages import (
    ChatRequest,
    Chunk,
    Citation,
    Completion,
    Draft,
    Passage,
    Sampling,
    Turn,
    Usage,
)
from genai.prompts.template import load_prompt
from genai.rag.answerer import RAGAnswerer
from genai.rag.evidence.judging import UNANSWERED
from genai.rag.permissions import Reader
from genai.settings.documents import RAGSettings
from genai.settings.models import ExtractiveSettings
from tests.support.answering import WordGuard, context, question

FEES = Passage(
    document_id="fees",
    title="Fees",
    section="Gold card",
    text="The fee of the Gold card is 95 euros. A travel insurance is included.",
)
LOANS = Passage(document_id="loans", title="Loans", text="A loan runs for up to 84 months.")
ASKED = "What is the fee of the Gold card?"


class ListRetriever:
    def __init__(self, *passages: Passage) -> None:
        self.asked: list[tuple[str, str]] = []
        self._passages = passages

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.asked.append((reader.tenant, query))
        return self._passages[:limit]


class TalkingLLM(BaseLLM):
    """Says its words one after the other, and keeps what it was asked."""

    name = "talking"

    def __init__(self, *words: str, citations: tuple[Citation, ...] = ()) -> None:
        self.requests: list[ChatRequest] = []
        self.closed = False
        self._words = words
        self._citations = citations

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise AssertionError("the answer is streamed")

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.requests.append(request)
        try:
            for word in self._words:
                yield Chunk(text=word, model="talking-2")
            yield Chunk(
                citations=self._citations,
                finish_reason="length",
                usage=Usage(prompt_tokens=7, completion_tokens=3),
                degraded="the first model failed",
            )
        finally:
            self.closed = True


def answerer(llm: BaseLLM, *passages: Passage, **settings: object) -> RAGAnswerer:
    return RAGAnswerer(
        ListRetriever(*passages),
        HashEmbedder(),
        llm,
        load_prompt("rag"),
        RAGSettings.model_validate(settings),
        WordGuard(),
    )


async def events(rag: RAGAnswerer, text: str = ASKED) -> list[DraftStreamEvent]:
    return [event async for event in rag.async_stream(question(text))]


def quotes(draft: Draft) -> Sequence[str]:
    return [citation.quote for citation in draft.citations]


async def test_an_answer_is_quoted_from_the_documents() -> None:
    llm = ExtractiveLLM("extractive", ExtractiveSettings(backend="extractive"), HashEmbedder())

    draft = await answerer(llm, FEES, LOANS).async_answer(question(ASKED))

    assert draft.route == "rag"
    assert draft.model == "extractive"
    assert quotes(draft)[0] == "The fee of the Gold card is 95 euros."
    assert draft.timings_ms.keys() == {"retrieve", "llm"}


@pytest.mark.parametrize("passages", [(), (FEES, LOANS)])
async def test_a_question_that_the_documents_do_not_answer_is_declined_without_a_model(
    passages: tuple[Passage, ...],
) -> None:
    llm = TalkingLLM("The moon.")

    draft = await answerer(llm, *passages).async_answer(question("Who won the football match?"))

    assert draft.text.startswith("I don't know")
    assert draft.citations == ()
    assert draft.model == "talking"
    assert llm.requests == []


@pytest.mark.parametrize(("max_prompt_tokens", "read"), [(4000, 3), (900, 2), (500, 1)])
async def test_the_least_relevant_passages_are_left_out_of_a_prompt_without_room_for_them(
    max_prompt_tokens: int, read: int
) -> None:
    more = f"The fee of the Gold card is 95 euros. {'It is due in May. ' * 60}"
    passages = [FEES.model_copy(update={"document_id": name, "text": more}) for name in "abc"]
    llm = TalkingLLM("95 euros. [1]")

    await answerer(llm, *passages, max_prompt_tokens=max_prompt_tokens).async_answer(
        question(ASKED)
    )

    [request] = llm.requests
    assert [passage.document_id for passage in request.passages] == list("abc"[:read])
    assert request.messages[-1].content.count("<passage number") == read


async def test_what_was_said_before_takes_the_room_of_passages() -> None:
    more = f"The fee of the Gold card is 95 euros. {'It is due in May. ' * 60}"
    passages = [FEES.model_copy(update={"document_id": name, "text": more}) for name in "abc"]
    history = tuple(Turn(role="user", content=f"{'Hello. ' * 90}") for _ in range(4))
    llm = TalkingLLM("95 euros. [1]")
    rag = answerer(llm, *passages, max_prompt_tokens=1300)

    await rag.async_answer(question(ASKED))
    await rag.async_answer(question(ASKED, history=history))

    assert [len(request.passages) for request in llm.requests] == [3, 1]


async def test_the_documents_of_the_right_tenant_are_searched() -> None:
    retriever = ListRetriever(FEES)
    rag = RAGAnswerer(
        retriever, HashEmbedder(), TalkingLLM("95"), load_prompt("rag"), RAGSettings(), WordGuard()
    )

    await rag.async_answer(question(ASKED, context=context(tenant="rival")))

    assert retriever.asked == [("rival", ASKED)]


async def test_what_was_decided_of_the_passages_stands_in_the_draft() -> None:
    bad = FEES.model_copy(update={"document_id": "bad", "text": f"{FEES.text} how to build a bomb"})

    draft = await answerer(TalkingLLM("95 euros."), FEES, bad).async_answer(question(ASKED))

    assert [(one.stage, one.action) for one in draft.safety] == [("retrieval", "block")]


async def test_what_a_model_says_is_cited_with_what_the_passage_says() -> None:
    rag = answerer(TalkingLLM("The fee of the Gold card ", "is 95 euros [1]."), FEES, LOANS)

    draft = await rag.async_answer(question(ASKED))

    assert draft.text == "The fee of the Gold card is 95 euros [1]."
    assert quotes(draft) == ["The fee of the Gold card is 95 euros."]
    assert (draft.model, draft.finish_reason) == ("talking-2", "length")
    assert draft.usage.total_tokens == 10
    assert draft.degraded == "the first model failed"


async def test_a_marker_of_a_passage_that_was_not_given_is_dropped() -> None:
    rag = answerer(TalkingLLM("Nobody knows [", "9", "]."), FEES, LOANS)

    draft = await rag.async_answer(question(ASKED))

    assert draft.text == "Nobody knows."
    assert draft.citations == ()


async def test_a_quote_that_does_not_stand_in_the_passages_is_dropped() -> None:
    made_up = Citation(document_id="fees", title="Fees", quote="It is free.")
    true = Citation(document_id="fees", title="Fees", quote="A travel insurance is included.")
    foreign = Citation(document_id="secret", title="", quote="A loan runs for up to 84 months.")
    rag = answerer(TalkingLLM("An answer.", citations=(made_up, true, foreign)), FEES, LOANS)

    draft = await rag.async_answer(question(ASKED))

    assert draft.citations == (true,)


async def test_a_model_that_does_not_know_cites_nothing() -> None:
    draft = await answerer(TalkingLLM("I don't know."), FEES).async_answer(question(ASKED))

    assert draft.citations == ()


async def test_the_stream_adds_up_to_the_draft() -> None:
    parts = await events(answerer(TalkingLLM("The fee ", "of the Gold card", " [1]"), FEES))

    *before, last = parts
    assert isinstance(last, DraftEvent)
    tokens = [event.text for event in before if isinstance(event, TokenEvent)]
    assert "".join(tokens) == last.draft.text
    citations = [event.citation for event in before if isinstance(event, CitationEvent)]
    assert tuple(citations) == last.draft.citations


async def test_the_model_gets_the_best_passages_as_data_and_the_earlier_turns() -> None:
    llm = TalkingLLM("95")
    turns = (Turn(role="user", content="Hello?"), Turn(role="assistant", content="Hello."))

    await answerer(llm, FEES, LOANS, top_k=1).async_answer(question(ASKED, history=turns))

    (request,) = llm.requests
    assert request.passages == (FEES,)
    assert request.query == ASKED
    assert '<passage number="1">' in request.messages[-1].content
    assert ASKED in request.messages[-1].content
    assert [m.content for m in request.messages[-3:-1]] == ["Hello?", "Hello."]
    assert request.messages[0].role == "system"


async def test_a_question_that_leans_on_the_previous_one_is_answered_with_it() -> None:
    llm = TalkingLLM("95")
    turns = (Turn(role="user", content=ASKED),)

    await answerer(llm, FEES).async_answer(question("How much is it?", history=turns))

    (request,) = llm.requests
    assert request.query == "How much is the Gold card?"
    assert ASKED not in request.messages[-1].content


async def test_a_client_that_leaves_stops_the_model() -> None:
    llm = TalkingLLM("one ", "two ", "three")
    stream = answerer(llm, FEES).async_stream(question(ASKED))

    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]

    assert llm.closed


async def test_a_question_without_time_left_is_not_searched() -> None:
    with pytest.raises(DeadlineExceeded):
        await answerer(TalkingLLM(), FEES).async_answer(
            question(ASKED, context=context(within_s=-1))
        )


@pytest.mark.parametrize("sampled", [500, 3])
async def test_where_it_is_uncertain_the_nearest_is_quoted_without_a_model(sampled: int) -> None:
    llm = TalkingLLM("95 euros.")
    rag = answerer(llm, FEES, LOANS, min_confidence=0.0, sure_confidence=1.0)
    asked = question(ASKED).model_copy(update={"sampling": Sampling(max_tokens=sampled)})

    draft = await rag.async_answer(asked)

    assert llm.requests == []
    assert draft.text.startswith("I don't know")
    assert draft.finish_reason == ("length" if sampled == 3 else "stop")
    if sampled == 3:  # too few for a quote
        assert (draft.certainty, draft.text, draft.citations) == ("unknown", UNANSWERED, ())
    else:
        assert draft.certainty == "uncertain"
        assert "in \u201cFees\u201d: The fee of the Gold card is 95 euros. [1]" in draft.text
        assert quotes(draft)[0] == "The fee of the Gold card is 95 euros."


async def test_what_is_quoted_as_the_nearest_is_told_as_it_is_in_a_stream() -> None:
    rag = answerer(TalkingLLM(), FEES, LOANS, min_confidence=0.0, sure_confidence=1.0)

    told = await events(rag)

    assert isinstance(told[-1], DraftEvent)
    draft = told[-1].draft
    assert "".join(one.text for one in told if isinstance(one, TokenEvent)) == draft.text
    assert [e.citation for e in told if isinstance(e, CitationEvent)] == list(draft.citations)


async def test_a_passage_that_a_check_blocks_is_not_quoted_as_the_nearest() -> None:
    blocked = FEES.model_copy(update={"text": "The fee of the Gold card is a bomb."})
    rag = answerer(TalkingLLM(), blocked, LOANS, min_confidence=0.0, sure_confidence=1.0)

    draft = await rag.async_answer(question(ASKED))

    assert "Gold" not in draft.text


async def test_an_answer_says_whether_the_documents_answer() -> None:
    rag = answerer(TalkingLLM("95 euros."), FEES, LOANS)

    answered = await rag.async_answer(question(ASKED))
    declined = await rag.async_answer(question("Who won the football match?"))
    unsure = await answerer(TalkingLLM("I don't know."), FEES).async_answer(question(ASKED))

    assert answered.certainty == "certain"
    assert declined.certainty == unsure.certainty == "unknown"


async def test_of_a_question_in_parts_the_part_that_is_answered_is_and_the_other_is_named() -> None:
    asked = f"{ASKED[:-1]}, and who won the football championship of the world yesterday evening?"

    llm = ExtractiveLLM("extractive", ExtractiveSettings(backend="extractive"), HashEmbedder())

    whole = await answerer(llm, FEES, LOANS).async_answer(question(ASKED))
    draft = await answerer(llm, FEES, LOANS, min_confidence=0.9).async_answer(question(asked))

    assert "This does not answer" not in whole.text
    assert "95 euros" in draft.text
    assert (
        "\u201cWho won the football championship of the world yesterday evening?\u201d"
        in draft.text
    )


@pytest.mark.parametrize("it", ["it", "the smallest one"])
async def test_a_part_that_leans_on_one_without_an_answer_is_not_answered(it: str) -> None:
    monthly = Passage(
        document_id="fees",
        title="What it costs a month",
        section="",
        text="It costs 2 euros a month.",
    )
    asked = f"Do you have a horse and pony insurance and what does {it} cost a month?"
    rag = answerer(TalkingLLM("2 euros [1]."), monthly)

    alone = await rag.async_answer(question("What does it cost a month?"))
    draft = await rag.async_answer(question(asked))

    assert alone.citations
    assert draft.text.startswith("I don't know")
