from genai.messages import Passage
from genai.rag.answering.citations import UNCERTAIN, declines, hedges
from genai.rag.answering.hedging import hedged
from genai.rag.answering.quoting import Quote
from genai.rag.passages.units import Unit

FEES = Passage(document_id="fees", title="Fees", text="Gold costs 95 euros. Blue is free.")
LOANS = Passage(document_id="loans", title="Loans", text="A loan runs for up to 84 months.")


def quote(text: str, passage: Passage) -> Quote:
    return Quote(Unit(text, text), passage, 0.5)


GOLD, BLUE = quote("Gold costs 95 euros.", FEES), quote("Blue is free.", FEES)
LOAN = quote(LOANS.text, LOANS)


def said(*quotes: Quote, max_tokens: int = 500) -> str:
    return "".join(chunk.text for chunk in hedged(quotes, max_tokens))


def test_the_nearest_is_quoted_with_where_it_stands_and_not_as_the_answer() -> None:
    text = said(GOLD, LOAN, BLUE)

    assert text == (
        f"{UNCERTAIN} The nearest that they say, in \u201cFees\u201d: Gold costs 95 euros. [1]"
        " Blue is free. [2] And in \u201cLoans\u201d: A loan runs for up to 84 months. [3]"
    )
    assert hedges(text)
    assert declines(text)


def test_every_quote_comes_with_its_citation() -> None:
    chunks = hedged([GOLD, LOAN], 500)

    assert [one.quote for chunk in chunks for one in chunk.citations] == [
        "Gold costs 95 euros.",
        LOANS.text,
    ]


def test_as_many_are_quoted_as_fit() -> None:
    assert said(GOLD, BLUE, max_tokens=42) == said(GOLD)
    assert said(GOLD, BLUE, max_tokens=5) == ""


def test_an_answer_and_a_plain_refusal_do_not_hedge() -> None:
    assert not hedges("Gold costs 95 euros.")
    assert not hedges("I don't know: the documents do not answer this.")
