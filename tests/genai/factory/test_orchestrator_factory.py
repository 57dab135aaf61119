from pathlib import Path

import pytest

from genai.embeddings.hashing import HashEmbedder
from genai.errors import Misconfigured
from genai.factory.orchestrator_factory import build_nearest, build_orders, build_router
from genai.routing.nearest import NearestExampleRouter
from genai.settings.answering import RoutingSettings
from genai.settings.application import Settings

BANK = Path(__file__).parents[3] / "sample_bank"
BY_EXAMPLES = {
    "backend": "analyst",
    "model": "bank",
    "examples": str(BANK / "sql_examples.yaml"),
    "words": "",
}


def agent_with(llm: str) -> Settings:
    llms = {"bank": {"backend": "scripted"}, "analyst": BY_EXAMPLES}
    used = {"chat": {"llm": "bank"}, "rag": {"llm": "bank"}, "agent": {"llm": llm}}
    return Settings.model_validate({"llms": llms, **used})


def test_what_the_agents_examples_call_an_order_is_one() -> None:
    ordered = build_orders(agent_with("analyst"))

    assert ordered(["Block card 50018."])
    assert not ordered(["How many cards are blocked?"])


def test_an_agent_that_works_without_examples_knows_no_orders() -> None:
    assert not build_orders(agent_with("bank"))(["Block card 50018."])


async def test_without_weights_questions_take_the_route_of_the_nearest_example(
    tmp_path: Path,
) -> None:
    examples = tmp_path / "routes.yaml"
    examples.write_text("{rag: [what does a lost card cost], agent: [how many cards are blocked]}")
    settings = RoutingSettings(examples=str(examples), fallback="chat", min_similarity=0.3)

    router = build_router(settings, HashEmbedder())

    assert isinstance(router, NearestExampleRouter)
    judged = await router.async_judge(["how many cards are lost", "hello there, my friend"])
    assert [judgement.route for judgement in judged] == ["agent", "chat"]


def test_weights_of_another_embedder_are_refused_by_its_name() -> None:
    settings = RoutingSettings(weights=str(BANK / "route_weights.json"))

    with pytest.raises(Misconfigured, match="all-MiniLM-L6-v2"):
        build_router(settings, HashEmbedder())


def test_a_missing_file_of_examples_is_an_error() -> None:
    with pytest.raises(OSError, match="nowhere"):
        build_nearest(RoutingSettings(examples="/nowhere.yaml"), HashEmbedder())
