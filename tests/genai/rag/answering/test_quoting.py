from genai.embeddings.hashing import HashEmbedder
from genai.messages import Passage
from genai.rag.answering.quoting import Quote, nearest, quoted
from genai.rag.evidence.judging import weigh

FORBIDDEN = Passage(
    document_id="powers",
    title="Powers",
    lead="What an attorney may not do:",
    text="1. Take loans.\n2. Make gifts.",
)
FEES = Passage(
    document_id="fees",
    title="Fees",
    text="The fee of the Gold card is 95 euros. A travel insurance is included.",
)
AGAIN = Passage(document_id="prices", title="Prices", text="The fee of the Gold card is 95 euros.")
ASKED = "What is the fee of the Gold card?"


async def found(asked: str, *passages: Passage, most: int = 5) -> tuple[Quote, ...]:
    return quoted(await weigh(HashEmbedder(), asked, passages, focus=5), most=most)


async def test_an_item_is_said_with_what_opens_its_list_and_its_neighbour_without_again() -> None:
    evidence = await weigh(HashEmbedder(), "May an attorney take loans?", [FORBIDDEN], focus=5)

    first, second = nearest(evidence, most=2)

    assert first.spoken == "What an attorney may not do: Take loans."
    assert second.spoken == "Make gifts."
    assert second.citation.quote == "2. Make gifts."


async def test_what_says_the_same_in_the_same_words_is_quoted_once() -> None:
    texts = [quote.unit.text for quote in await found(ASKED, FEES, AGAIN)]

    assert texts.count("The fee of the Gold card is 95 euros.") == 1


async def test_no_more_is_quoted_than_allowed() -> None:
    assert len(await found(ASKED, FEES, FORBIDDEN, most=1)) == 1


async def test_the_nearest_are_quoted_however_unlikely_they_answer() -> None:
    evidence = await weigh(HashEmbedder(), ASKED, [FEES], focus=5)

    assert [quote.unit.text for quote in quoted(evidence, most=5)] == [
        FEES.text.split(". ")[0] + "."
    ]
    assert [quote.unit.text for quote in nearest(evidence, most=5)] == [
        "The fee of the Gold card is 95 euros.",
        "A travel insurance is included.",
    ]


async def test_a_document_without_known_questions_is_not_quoted_beside_one_with_them() -> None:
    """How well they fit cannot be compared."""
    hinted = FEES.model_copy(update={"asked": ("how much is the golden card?",)})
    other = AGAIN.model_copy(update={"text": "The fee of the Blue card is 5 euros."})

    evidence = await weigh(HashEmbedder(), ASKED, [hinted, other], focus=5)
    first = evidence.passages[0].fit.passage.document_id

    assert {quote.passage.document_id for quote in nearest(evidence, most=9)} == {first}
