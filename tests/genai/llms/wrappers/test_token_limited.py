import pytest

from genai.llms.wrappers.token_limited import TokenLimitedLLM
from genai.messages import Sampling
from tests.support.language_models import FlakyLLM, chat_request

SAID = "One figure. Zwölf Karten. The rest."


@pytest.mark.parametrize(
    ("sampling", "text", "reason"),
    [
        (Sampling(), SAID, "stop"),
        (Sampling(stop=("Zw",)), "One figure. ", "stop"),
        (Sampling(stop=("never", "rest", "Karten")), "One figure. Zwölf ", "stop"),
        (Sampling(stop=("The rest. And",)), SAID, "stop"),
        (Sampling(max_tokens=3), "One figure", "length"),
        (Sampling(max_tokens=3, stop=("figure",)), "One ", "stop"),
        (Sampling(max_tokens=4), "One figure. Zw", "length"),
        (Sampling(max_tokens=100), SAID, "stop"),
    ],
)
async def test_it_ends_where_it_was_asked_to(sampling: Sampling, text: str, reason: str) -> None:
    request = chat_request(sampling=sampling)

    said = await TokenLimitedLLM(FlakyLLM(SAID)).async_chat(request)
    [streamed] = [chunk async for chunk in TokenLimitedLLM(FlakyLLM(SAID)).async_stream(request)]

    assert (said.text, said.finish_reason) == (text, reason)
    assert (streamed.text, streamed.finish_reason) == (text, reason)
    assert streamed.usage == said.usage
