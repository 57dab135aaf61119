from genai.llms.priced import PricedLLM
from genai.llms.scripted import ScriptedLLM
from genai.settings import Price, ScriptedSettings
from tests.support.language_models import chat_request, collect


def priced(**price: float) -> PricedLLM:
    script = ScriptedSettings(backend="scripted", replies=("a b c",))
    return PricedLLM(ScriptedLLM("script", script), Price.model_validate(price))


async def test_cost_is_rounded_up_to_a_whole_millionth_of_a_dollar() -> None:
    said = await priced(output=0.15).async_chat(chat_request())

    assert said.usage.completion_tokens == 3
    assert said.usage.cost_micro_usd == 1


async def test_prompt_and_answer_have_prices_of_their_own() -> None:
    said = await priced(input=2.0, output=10.0).async_chat(chat_request())

    assert said.usage.cost_micro_usd == said.usage.prompt_tokens * 2 + 30


async def test_a_stream_tells_its_cost_at_the_end() -> None:
    chunks = await collect(priced(output=1.0).async_stream(chat_request()))

    assert chunks[-1].usage is not None
    assert chunks[-1].usage.cost_micro_usd == 3
