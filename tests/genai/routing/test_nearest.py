from genai.routing.nearest import NearestExampleRouter
from tests.support.answering import LetterEmbedder

EXAMPLES = {"agent": ("how many customers", "count the cards"), "rag": ("fee for a transfer",)}


def router(min_similarity: float = 0.5, examples: dict = EXAMPLES) -> NearestExampleRouter:  # type: ignore[type-arg]
    return NearestExampleRouter(
        LetterEmbedder(), examples, fallback="chat", min_similarity=min_similarity
    )


async def test_a_question_goes_where_its_most_similar_example_goes() -> None:
    assert await router().async_route("how many customers are there") == "agent"
    assert await router().async_route("the fee for transfers") == "rag"


async def test_a_question_like_none_of_the_examples_takes_the_fallback() -> None:
    assert await router(min_similarity=0.99).async_route("zzz qqq") == "chat"


async def test_without_examples_everything_takes_the_fallback() -> None:
    assert await router(examples={}).async_route("how many customers") == "chat"
