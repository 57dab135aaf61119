from collections.abc import AsyncIterator

import pytest

from genai.base.answerer import BaseAnswerer
from genai.embeddings.hashing import HashEmbedder
from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, TokenEvent
from genai.messages import Citation, Draft, Question, RequestContext, Turn, Usage
from genai.rag.base import IndexVersion
from genai.rag.permissions import SHARED
from genai.rag.semantic_cache import SemanticCache
from genai.settings.documents import SemanticCacheSettings
from tests.support.answering import context, question

ASKED = "What is the fee of the Gold card?"


class Counting(BaseAnswerer):
    """Says how often it was asked."""

    def __init__(self, **fields: object) -> None:
        self.asked = 0
        self.fields = fields

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        self.asked += 1
        draft = {
            "text": f"Answer {self.asked}.",
            "route": "rag",
            "model": "extractive",
            "citations": (Citation(document_id="fees", title="Fees", quote="95 euros"),),
            "usage": Usage(prompt_tokens=9),
        }
        yield TokenEvent(text=f"Answer {self.asked}.")
        yield DraftEvent(draft=Draft.model_validate({**draft, **self.fields}))


class Versions:
    def __init__(self) -> None:
        self.now = {"acme": 1, SHARED: 1}

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        return (IndexVersion(number=self.now.get(tenant, 0), at=0.0),)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_cache(
    inner: BaseAnswerer, versions: Versions | None = None, clock: Clock | None = None
) -> SemanticCache:
    settings = SemanticCacheSettings(min_similarity=0.1, ttl_s=60, entries=3)
    return SemanticCache(
        inner, HashEmbedder(), versions or Versions(), settings, clock=clock or Clock()
    )


async def texts(cache: SemanticCache, *questions: Question) -> list[str]:
    return [(await cache.async_answer(one)).text for one in questions]


def by(**who: object) -> RequestContext:
    return context().model_copy(update=who)


async def test_the_same_question_in_other_words_is_answered_again_for_nothing() -> None:
    cache = a_cache(Counting())
    await cache.async_answer(question(ASKED))

    events = [
        e async for e in cache.async_stream(question("Please, what is the fee of the Gold cards"))
    ]

    assert [type(event) for event in events] == [TokenEvent, CitationEvent, DraftEvent]
    assert isinstance(events[-1], DraftEvent)
    assert events[-1].draft.text == "Answer 1."
    assert events[-1].draft.usage == Usage()
    assert list(events[-1].draft.timings_ms) == ["cache"]


@pytest.mark.parametrize(
    "other",
    [
        "What is the fee of the Silver card?",
        "What is not the fee of the Gold card?",
        "What is the fee of the Gold card abroad?",
        "What is the fee of 2 Gold cards?",
        "When is the fee of the Gold card?",
        "What is the Gold fee of the card?",
    ],
)
async def test_a_question_that_asks_something_else_is_not(other: str) -> None:
    assert await texts(a_cache(Counting()), question(ASKED), question(other)) == [
        "Answer 1.",
        "Answer 2.",
    ]


async def test_directions_are_told_apart() -> None:
    there = question("How do I send money from Spain to France?")
    back = question("How do I send money from France to Spain?")

    assert await texts(a_cache(Counting()), there, back) == ["Answer 1.", "Answer 2."]


@pytest.mark.parametrize(
    "who",
    [
        {"tenant": "rival"},
        {"user": "eve"},
        {"groups": ("hr",)},
        {"roles": ("admin",)},
    ],
)
async def test_an_answer_is_given_again_only_to_the_same_rights(who: dict[str, object]) -> None:
    other = question(ASKED, context=by(**who))

    assert await texts(a_cache(Counting()), question(ASKED), other, other) == [
        "Answer 1.",
        "Answer 2.",
        "Answer 2.",
    ]


@pytest.mark.parametrize("tenant", ["acme", SHARED])
async def test_documents_that_changed_are_asked_anew(tenant: str) -> None:
    versions = Versions()
    cache = a_cache(Counting(), versions)
    await cache.async_answer(question(ASKED))

    versions.now[tenant] += 1

    assert await texts(cache, question(ASKED)) == ["Answer 2."]


@pytest.mark.parametrize(
    "fields",
    [
        {"history": (Turn(role="user", content="Before."),)},
        {"private": {"<PERSON_1>": "Ann"}},
    ],
)
async def test_conversations_and_personal_data_pass_it_by(fields: dict[str, object]) -> None:
    one = question(ASKED, **fields)

    assert await texts(a_cache(Counting()), one, one) == ["Answer 1.", "Answer 2."]


@pytest.mark.parametrize(
    "fields", [{"degraded": "no model"}, {"finish_reason": "length"}, {"citations": ()}]
)
async def test_only_whole_answers_with_their_sources_are_kept(fields: dict[str, object]) -> None:
    one = question(ASKED)

    assert await texts(a_cache(Counting(**fields)), one, one) == ["Answer 1.", "Answer 2."]


async def test_what_is_old_or_too_much_is_forgotten() -> None:
    clock = Clock()
    cache = a_cache(Counting(), clock=clock)
    first = question("Card zero?")
    await texts(cache, first, *(question(f"Card {name}?") for name in ("one", "two", "three")))

    assert await texts(cache, first) == ["Answer 5."]
    clock.now = 61.0
    assert await texts(cache, first) == ["Answer 6."]
