"""Uncertain answers: quotes the closest sentences and leaves the judgement to the reader."""

from collections.abc import Iterator, Sequence
from typing import Final

from genai.messages import Chunk
from genai.rag.answering.citations import UNCERTAIN
from genai.rag.answering.quoting import Quote, within

_NEAREST: Final = f"{UNCERTAIN} The nearest that they say,"


def hedged(quotes: Sequence[Quote], max_tokens: int) -> list[Chunk]:
    """As many quotes with citations as fit; empty if none fits."""
    return within(list(_told(quotes)), max_tokens)


def _told(quotes: Sequence[Quote]) -> Iterator[Chunk]:
    titles = [quote.passage.title for quote in quotes]
    by_title = sorted(quotes, key=lambda quote: titles.index(quote.passage.title))
    title = ""
    for number, quote in enumerate(by_title, start=1):
        before = f"{_NEAREST} in" if number == 1 else " And in"
        lead = (
            f"{before} \u201c{quote.passage.title}\u201d:" if quote.passage.title != title else ""
        )
        title = quote.passage.title
        yield Chunk(text=f"{lead} {quote.spoken} [{number}]", citations=(quote.citation,))
