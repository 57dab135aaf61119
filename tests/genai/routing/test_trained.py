from pathlib import Path

import numpy as np
import pytest

from genai.routing.trained import (
    RouteWeights,
    TrainedRouter,
    read_route_weights,
    share_of,
    train_route,
    write_route_weights,
)
from tests.support.answering import LetterEmbedder

FIGURES = ["how many customers", "count the cards", "number of customers", "count customers"]
RULES = ["fee for a transfer", "what does a fee do", "is a transfer free", "fee of a transfer"]


async def trained(least: float = 0.5) -> RouteWeights:
    embedder = LetterEmbedder()
    vectors = {
        "agent": np.array(await embedder.async_embed(FIGURES)),
        "rag": np.array(await embedder.async_embed(RULES)),
    }
    return train_route(
        vectors,  # type: ignore[arg-type]
        embedder=embedder.name,
        route="agent",
        otherwise="rag",
        least=least,
    )


async def test_a_question_takes_the_route_of_similar_questions() -> None:
    router = TrainedRouter(LetterEmbedder(), await trained())

    judged = await router.async_judge(["how many count", "the fee for transfers"])

    assert [one.route for one in judged] == ["agent", "rag"]


async def test_confidence_is_higher_near_the_training_examples() -> None:
    router = TrainedRouter(LetterEmbedder(), await trained())

    like, between, unlike = await router.async_judge([FIGURES[0], "many a fee", RULES[0]])

    assert 0 <= between.confidence < min(like.confidence, unlike.confidence) <= 1


async def test_a_lower_threshold_sends_more_questions_to_the_route() -> None:
    vectors = np.array(await LetterEmbedder().async_embed([*FIGURES, *RULES]))

    shares = [share_of(await trained(least), vectors) for least in (0.0, 0.5, 1.0)]

    assert shares == pytest.approx([1.0, 0.5, 0.0], abs=0.13)
    assert shares == sorted(shares, reverse=True)


async def test_weights_survive_saving_and_loading(tmp_path: Path) -> None:
    weights, path = await trained(), tmp_path / "weights.json"

    write_route_weights(path, weights)

    assert read_route_weights(path) == weights


async def test_a_yes_no_question_goes_to_figures_only_if_these_are_likelier_than_rules() -> None:
    weights = (await trained(0.0)).model_copy(update={"whether": 0.5})
    router = TrainedRouter(LetterEmbedder(), weights)
    texts = [
        "a transfer fee",
        "is a transfer free",
        "is transfer 1030952 free",
        "do customers count",
    ]

    judged = await router.async_judge(texts)

    assert [one.route for one in judged] == ["agent", "rag", "agent", "agent"]
    assert judged[1].confidence > 0


async def test_a_word_for_figures_routes_there_without_confidence() -> None:
    weights = (await trained()).model_copy(update={"words": "on average"})
    router = TrainedRouter(LetterEmbedder(), weights)

    plain, average = await router.async_judge(["the fee for transfers", "the fee on average"])

    assert (plain.route, average.route) == ("rag", "agent")
    assert average.confidence == 0.0
