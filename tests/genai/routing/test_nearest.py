from genai.messages import Route
from genai.routing.nearest import NearestExampleRouter
from tests.support.answering import LetterEmbedder

EXAMPLES = {"agent": ("how many customers", "count the cards"), "rag": ("fee for a transfer",)}


def router(min_similarity: float = 0.5, examples: dict = EXAMPLES) -> NearestExampleRouter:  # type: ignore[type-arg]
    return NearestExampleRouter(
        LetterEmbedder(), examples, fallback="chat", min_similarity=min_similarity
    )


async def route(of: NearestExampleRouter, text: str) -> Route:
    [judged] = await of.async_judge([text])
    return judged.route


async def test_a_question_goes_where_its_most_similar_example_goes() -> None:
    assert await route(router(), "how many customers are there") == "agent"
    assert await route(router(), "the fee for transfers") == "rag"


async def test_a_question_like_none_of_the_examples_takes_the_fallback() -> None:
    assert await route(router(min_similarity=0.99), "zzz qqq") == "chat"


async def test_without_examples_everything_takes_the_fallback() -> None:
    assert await route(router(examples={}), "how many customers") == "chat"
