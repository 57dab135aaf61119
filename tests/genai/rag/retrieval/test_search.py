from genai.embeddings.hashing import HashEmbedder
from genai.messages import Passage, Turn
from genai.rag.permissions import Reader
from genai.rag.retrieval.search import PassageSearch
from genai.settings.documents import RAGSettings
from tests.support.answering import question

FEES = Passage(
    document_id="fees",
    title="Fees",
    section="Gold card",
    text="The fee of the Gold card is 95 euros. Cash with it costs 4 euros abroad.",
)
LOANS = Passage(document_id="loans", title="Loans", text="A loan runs for up to 84 months.")
SETTLEMENT = Passage(
    document_id="funds",
    title="How long does that take?",
    section="How long",
    text="How long does that take? Settlement takes 2 days, however long that is.",
    asked=("How long does that take?",),
)
ASKED = "What is the fee of the Gold card?"
BEFORE = (Turn(role="user", content=ASKED), Turn(role="assistant", content="95 euros."))


class OneRetriever:
    """Always finds the same passage."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.queries.append(query)
        return (FEES,)


def a_search(retriever: OneRetriever) -> PassageSearch:
    return PassageSearch(retriever, HashEmbedder(), RAGSettings())


async def test_a_question_that_stands_alone_is_never_searched_with_earlier_ones() -> None:
    retriever = OneRetriever()

    found = await a_search(retriever).find(
        question("How do I close a savings account?", history=BEFORE)
    )

    assert retriever.queries == ["How do I close a savings account?"]
    assert found.passages == ()


async def test_a_question_that_points_back_is_answered_with_the_one_before() -> None:
    found = await a_search(OneRetriever()).find(question("How much is it?", history=BEFORE))

    assert found.query == "How much is the Gold card?"
    assert found.passages == (FEES,)


async def test_a_question_that_may_continue_does_so_when_its_words_are_found() -> None:
    found = await a_search(OneRetriever()).find(question("And abroad?", history=BEFORE))

    assert found.query == f"{ASKED} And abroad?"


async def test_what_is_not_found_is_not_answered_with_what_the_question_before_found() -> None:
    found = await a_search(OneRetriever()).find(question("And mortgages?", history=BEFORE))

    assert found.query == "And mortgages?"
    assert found.passages == ()


class Settlement(OneRetriever):
    """Finds an unrelated passage that fits the bare follow-up well."""

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.queries.append(query)
        return (SETTLEMENT,)


async def test_a_reference_never_stands_for_what_the_session_did_not_talk_about() -> None:
    asked = "How long does that take?"
    before = (Turn(role="user", content="I paid at a wrong shop"),)

    alone = await a_search(Settlement()).find(question(asked))
    after = await a_search(Settlement()).find(question(asked, history=before))

    assert alone.certainty == "certain"
    assert after.certainty != "certain"


class Shelf(OneRetriever):
    """Finds the deposit for questions that name it, and other passages for others."""

    def __init__(self, *others: Passage) -> None:
        super().__init__()
        self._others = others

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.queries.append(query)
        return (DEPOSIT,) if "deposit" in query else self._others


DEPOSIT = Passage(
    document_id="deposits",
    title="Deposits",
    section="Opening a deposit",
    text="How do I open a deposit? The minimum of a deposit is 2,500 euros.",
)
CARD = Passage(
    document_id="cards",
    title="What is the minimum?",
    section="Minimum",
    text="What is the minimum? The minimum is 25 euros. Is there a fee? The fee is 3 euros.",
)
OPENING = (Turn(role="user", content="How do I open a deposit?"),)


async def test_a_short_question_is_about_the_topic_before_it_where_that_has_its_words() -> None:
    search = a_search(Shelf(CARD))

    alone = await search.find(question("What is the minimum?"))
    after = await search.find(question("What is the minimum?", history=OPENING))

    assert alone.passages == (CARD,)
    assert after.certainty == "certain"
    assert after.passages[0] == DEPOSIT


async def test_one_word_that_the_topic_does_not_have_is_not_answered_with_certainty() -> None:
    search = a_search(Shelf(CARD))

    alone = await search.find(question("Is there a fee?"))
    after = await search.find(question("Is there a fee?", history=OPENING))

    assert alone.certainty == "certain"
    assert after.certainty == "uncertain"
    assert after.passages == (CARD,)


async def test_a_known_question_stands_alone_however_short_it_is() -> None:
    known = CARD.model_copy(update={"asked": ("What is the minimum?",)})

    after = await a_search(Shelf(known)).find(question("What is the minimum?", history=OPENING))

    assert after.passages == (known,)


async def test_the_answer_of_the_question_before_does_not_make_a_follow_up_certain() -> None:
    retriever = OneRetriever()
    asked = question("Who insures it against theft?", history=BEFORE)

    found = await a_search(retriever).find(asked)

    assert retriever.queries[0] == "Who insures the Gold card against theft?"
    assert found.certainty != "certain"


async def test_without_earlier_turns_a_question_is_searched_once() -> None:
    retriever = OneRetriever()

    await a_search(retriever).find(question("How much is it?"))

    assert retriever.queries == ["How much is it?"]


async def test_placeholders_are_not_searched_for_neither_those_of_earlier_turns() -> None:
    retriever = OneRetriever()
    before = (Turn(role="user", content=f"I am <PERSON_1_kqzvt>, <IBAN_CODE_1_kqzvt>. {ASKED}"),)

    found = await a_search(retriever).find(
        question("And by when for <CREDIT_CARD_1_kqzvt>?", history=before)
    )

    assert found.query == f"{ASKED} And by when for?"
    assert all("<" not in query for query in retriever.queries)


async def test_a_number_of_the_asker_does_not_make_a_question_unanswerable() -> None:
    asked = "What is the fee of my Gold card <CREDIT_CARD_1_kqzvt>?"

    with_number = await a_search(OneRetriever()).find(question(asked))
    without = await a_search(OneRetriever()).find(question("What is the fee of my Gold card?"))

    assert with_number == without
    assert with_number.passages == (FEES,)


async def test_a_misspelt_word_is_searched_for_as_the_documents_write_it() -> None:
    retriever = OneRetriever()

    found = await a_search(retriever).find(question("What is the fee of the gold card abraod?"))

    assert retriever.queries[-1] == found.query == "What is the fee of the gold card abroad?"
    assert found.passages == (FEES,)


class TwoPassages(OneRetriever):
    """Finds first what answers less."""

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        return LOANS, FEES


async def test_what_was_found_is_told_as_it_was_judged_and_how_certain_that_is() -> None:
    found = await a_search(TwoPassages()).find(question(ASKED))
    nothing = await a_search(TwoPassages()).find(question("Who won the football match?"))

    assert found.passages == (FEES, LOANS)
    assert (found.certainty, nothing.certainty) == ("certain", "unknown")
