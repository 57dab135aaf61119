import openai
import pytest

from tests.support.services import Fakes


async def test_models_are_the_configured_ones_and_the_assistant(sdk: openai.AsyncOpenAI) -> None:
    models = await sdk.models.list()

    assert [model.id for model in models.data] == ["assistant", "bank"]
    assert (await sdk.models.retrieve("bank")).id == "bank"
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("gpt-nowhere")


async def test_a_model_that_lacks_its_key_is_not_shown(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    fakes.completions.unavailable = ("cloud",)

    assert "cloud" not in [model.id for model in (await sdk.models.list()).data]
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("cloud")
