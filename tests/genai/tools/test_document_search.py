from genai.messages import Passage
from genai.rag.permissions import Reader
from genai.tools.document_search import NOTHING, DocumentSearchArguments, DocumentSearchTool
from tests.support.agents import a_context

FEES = Passage(
    document_id="card-fees",
    title="Card fees",
    section="Replacement",
    lead="| What | Fee |",
    text="| A new card | 12 dollars |",
)


class Retriever:
    def __init__(self, *passages: Passage) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self._passages = passages

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.asked.append((reader.tenant, query, limit))
        return self._passages


async def search(retriever: Retriever, query: str = "new card") -> str:
    tool = DocumentSearchTool(retriever, passages=3)
    return (await tool.async_run(DocumentSearchArguments(query=query), a_context())).text


async def test_passages_come_with_the_place_where_they_stand() -> None:
    assert await search(Retriever(FEES)) == (
        "[card-fees] Card fees: Replacement\n| What | Fee |\n| A new card | 12 dollars |"
    )


async def test_it_searches_the_documents_of_the_caller_alone() -> None:
    retriever = Retriever(FEES)

    await search(retriever)

    assert retriever.asked == [("bank", "new card", 3)]


async def test_finding_nothing_is_an_answer_too() -> None:
    assert await search(Retriever()) == NOTHING


async def test_it_does_not_look_for_personal_data() -> None:
    retriever = Retriever(FEES)

    await search(retriever, "new card for <CREDIT_CARD_1_kqzvt>")

    assert retriever.asked == [("bank", "new card for", 3)]
