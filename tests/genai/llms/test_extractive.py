from collections.abc import Sequence

import pytest

from genai.base.prompt import estimate_message_tokens
from genai.embeddings.hashing import HashEmbedder
from genai.errors import DeadlineExceeded, InvalidInput
from genai.llms.extractive import ExtractiveLLM
from genai.llms.spent import spent_by
from genai.messages import ChatRequest, Message, Passage, Sampling, ToolSpec, Usage
from genai.settings.models import ExtractiveSettings
from tests.support.answering import context

FEES = Passage(
    document_id="fees",
    title="Fees",
    section="Gold card",
    text="The fee of the Gold card is 95 euros. A travel insurance is included.",
)
TABLE = Passage(
    document_id="limits",
    title="Limits",
    text="| Account | Cash per day |\n|---|---|\n| Youth account | 100 euros |\n| Plus | 500 |",
)
LOANS = Passage(document_id="loans", title="Loans", text="A loan runs for up to 84 months.")
PASSAGES = (LOANS, FEES, TABLE)


def a_model(**settings: object) -> ExtractiveLLM:
    configured = ExtractiveSettings.model_validate({"backend": "extractive", **settings})
    return ExtractiveLLM("extractive", configured, HashEmbedder())


def asking(text: str, passages: Sequence[Passage] = PASSAGES, **fields: object) -> ChatRequest:
    return ChatRequest.model_validate(
        {
            "messages": [Message(role="user", content=text)],
            "context": context(),
            "passages": tuple(passages),
            **fields,
        }
    )


async def test_the_sentence_that_answers_is_quoted_and_cited() -> None:
    completion = await a_model().async_chat(asking("What is the fee of the Gold card?"))

    assert completion.text.startswith("The fee of the Gold card is 95 euros. [1]")
    best = completion.citations[0]
    assert (best.document_id, best.title, best.section) == ("fees", "Fees", "Gold card")
    assert best.quote == "The fee of the Gold card is 95 euros."


async def test_every_quote_is_verbatim_in_its_passage() -> None:
    completion = await a_model().async_chat(asking("How much cash per day for a Youth account?"))

    texts = {passage.document_id: passage.text for passage in PASSAGES}
    assert completion.citations
    assert all(citation.quote in texts[citation.document_id] for citation in completion.citations)


async def test_a_row_of_a_table_is_read_out_but_quoted_as_it_stands() -> None:
    completion = await a_model().async_chat(asking("How much cash per day for a Youth account?"))

    assert "Account: Youth account; Cash per day: 100 euros [1]" in completion.text
    assert completion.citations[0].quote == "| Youth account | 100 euros |"


@pytest.mark.parametrize("passages", [(), (LOANS,)])
async def test_it_says_that_it_does_not_know(passages: tuple[Passage, ...]) -> None:
    completion = await a_model().async_chat(asking("Who won the football match?", passages))

    assert completion.text.startswith("I don't know")
    assert completion.citations == ()
    assert completion.finish_reason == "stop"


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        ((" euros",), "The fee of the Gold card is 95"),
        (("insurance", "Gold"), "The fee of the "),
        (("The",), ""),
        (("95 dollars",), None),
    ],
)
async def test_it_ends_at_a_stop_word(stop: tuple[str, ...], text: str | None) -> None:
    question = "What is the fee of the Gold card?"
    free = await a_model().async_chat(asking(question))

    said = await a_model().async_chat(asking(question, sampling=Sampling(stop=stop)))

    assert said.text == (free.text if text is None else text)
    assert said.finish_reason == "stop"
    assert len(said.citations) == (bool(text) if text is not None else len(free.citations))


async def test_a_stop_word_may_begin_in_one_sentence_and_end_in_the_next() -> None:
    text = " ".join(f"The fee of card {number} is {number} euros." for number in range(9))
    asked = asking("fee of card", (FEES.model_copy(update={"text": text}),))
    free = await a_model().async_chat(asked)
    assert free.text.count("[") > 1

    said = await a_model().async_chat(
        asked.model_copy(update={"sampling": Sampling(stop=("[1] The",))})
    )

    assert said.text == free.text[: free.text.index("[1]")]


async def test_it_quotes_no_more_sentences_than_allowed() -> None:
    text = " ".join(f"The fee of card {number} is {number} euros." for number in range(9))
    passage = FEES.model_copy(update={"text": text})

    completion = await a_model(max_sentences=2).async_chat(asking("fee of card", [passage]))

    assert len(completion.citations) == 2


async def test_the_same_sentence_is_quoted_once() -> None:
    twice = (FEES, FEES.model_copy(update={"document_id": "copy"}))

    completion = await a_model().async_chat(asking("What is the fee of the Gold card?", twice))

    assert completion.text.count("95 euros") == 1


async def test_a_passage_that_is_nearly_as_good_as_the_best_is_quoted_as_well() -> None:
    near = FEES.model_copy(
        update={"document_id": "near", "text": "The fee of the Gold card is 90 euros."}
    )

    completion = await a_model().async_chat(asking("the fee of the Gold card", [FEES, near, LOANS]))

    assert completion.citations[0].document_id == "fees"
    assert {citation.document_id for citation in completion.citations} == {"fees", "near"}


async def test_the_standalone_question_counts_more_than_the_last_message() -> None:
    request = asking("And how much?", query="What is the fee of the Gold card? And how much?")

    completion = await a_model().async_chat(request)

    assert "95 euros" in completion.text


async def test_the_stream_has_a_sentence_a_chunk_and_ends_with_the_usage() -> None:
    request = asking("What is the fee of the Gold card?")
    model = a_model()

    *sentences, last = [chunk async for chunk in model.async_stream(request)]
    whole = await model.async_chat(request)

    assert "".join(chunk.text for chunk in sentences) == whole.text
    assert all(len(chunk.citations) == 1 for chunk in sentences)
    assert last.finish_reason == "stop"
    assert last.usage == whole.usage
    assert whole.usage.prompt_tokens > 0
    assert whole.usage.completion_tokens > 0


async def test_passages_count_once_because_the_prompt_holds_them() -> None:
    request = asking("What is the fee of the Gold card?")

    whole = await a_model().async_chat(request)

    assert whole.usage.prompt_tokens == estimate_message_tokens(request.messages)


async def test_an_answer_that_is_too_long_is_cut_between_words() -> None:
    request = asking("What is the fee of the Gold card?", sampling=Sampling(max_tokens=4))

    completion = await a_model().async_chat(request)

    assert completion.finish_reason == "length"
    assert completion.text
    assert "The fee of the Gold card".startswith(completion.text)


async def test_unsupported_options_are_refused() -> None:
    with pytest.raises(InvalidInput):
        await a_model().async_chat(asking("fee", sampling=Sampling(json_schema="{}")))
    with pytest.raises(InvalidInput):
        await a_model().async_chat(asking("fee", tool_choice="required"))


async def test_tools_that_it_may_call_are_refused_and_those_that_it_may_not_are_not() -> None:
    tool = ToolSpec(name="look")

    with pytest.raises(InvalidInput) as refused:
        await a_model().async_chat(asking("fee", tools=(tool,)))
    assert refused.value.param == "tools"
    assert (await a_model().async_chat(asking("fee", tools=(tool,), tool_choice="none"))).text


async def test_a_request_without_time_left_is_not_answered_and_costs_its_prompt() -> None:
    late = asking("fee", context=context(within_s=-1))

    with pytest.raises(DeadlineExceeded) as caught:
        await a_model().async_chat(late)

    assert spent_by(caught.value) == Usage(prompt_tokens=estimate_message_tokens(late.messages))
