import openai
import pytest


async def test_models_are_the_configured_ones_and_the_assistant(sdk: openai.AsyncOpenAI) -> None:
    models = await sdk.models.list()

    assert [model.id for model in models.data] == ["assistant", "bank"]
    assert (await sdk.models.retrieve("bank")).id == "bank"
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("gpt-nowhere")
