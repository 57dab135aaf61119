import pytest
from pydantic import ValidationError

from genai.errors import ModelUnavailable
from genai.factory.llm_factory import build_llms
from genai.llms.failover.chain import FallbackLLM
from genai.llms.scripted import ScriptedLLM
from genai.settings.application import Settings
from tests.support.language_models import FlakyLLM, chat_request, collect

SCRIPT = {"backend": "scripted", "replies": ["hello"]}
NAMED = {"chat": {"llm": "a"}, "rag": {"llm": "a"}, "agent": {"llm": "a"}}


def settings(**llms: object) -> Settings:
    return Settings.model_validate({"llms": {"a": SCRIPT, **llms}, **NAMED})


def test_a_model_without_fallbacks_and_price_is_wrapped_in_nothing() -> None:
    assert isinstance(build_llms(settings(), None)["a"], ScriptedLLM)


def test_only_the_named_models_are_built() -> None:
    assert set(build_llms(settings(b=SCRIPT), None, ["b"])) == {"b"}


async def test_fallbacks_that_are_not_at_hand_are_the_callers_business() -> None:
    configured = settings(b={**SCRIPT, "fallbacks": ["a"]})

    alone = build_llms(configured, None, ["b"])["b"]
    chained = build_llms(configured, None, ["a", "b"])["b"]

    assert not isinstance(alone, FallbackLLM)
    assert isinstance(chained, FallbackLLM)


async def test_models_of_other_processes_are_used_as_they_are() -> None:
    configured = settings(b={**SCRIPT, "fallbacks": ["a"]})
    elsewhere = FlakyLLM("from afar", name="a")

    built = build_llms(configured, None, ["a", "b"], remote={"a": elsewhere})

    assert built["a"] is elsewhere


async def test_a_price_in_the_settings_is_charged() -> None:
    llms = build_llms(settings(b={**SCRIPT, "price": {"output": 5.0}}), None)

    assert (await llms["b"].async_chat(chat_request())).usage.cost_micro_usd == 5


async def test_a_model_without_its_key_is_left_out_of_chains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CLOUD_KEY", raising=False)
    cloud = {"backend": "openai", "model": "m", "api_key_env": "CLOUD_KEY"}
    configured = settings(
        cloud=cloud, b={**SCRIPT, "fallbacks": ["cloud"]}, c={**cloud, "fallbacks": ["a"]}
    )

    llms = build_llms(configured, None)

    assert not isinstance(llms["b"], FallbackLLM)
    with pytest.raises(ModelUnavailable):
        await collect(llms["cloud"].async_stream(chat_request()))
    said = await llms["c"].async_chat(chat_request())
    assert (said.model, said.degraded) == ("a", "c: model_unavailable")
    there = {name: await llm.async_available() for name, llm in llms.items()}
    assert there == {"a": True, "b": True, "c": True, "cloud": False}


BASE = {"backend": "vllm", "model": "m", "adapters": {}}
ADAPTER = {"backend": "adapter", "of": "base", "model": "folder"}


@pytest.mark.parametrize(
    ("base", "why"),
    [
        (SCRIPT, "serves no adapters"),
        ({"backend": "vllm", "model": "m"}, "serves no adapters"),
        ({**BASE, "slot_of": "a"}, "is a slot"),
        ({**BASE, "placement": "Elsewhere"}, "is placed in Elsewhere"),
    ],
)
def test_a_model_that_cannot_serve_an_adapter_is_refused_by_name(
    base: dict[str, object], why: str
) -> None:
    with pytest.raises(ValidationError, match=f"llms.legal: base {why}"):
        settings(base=base, legal=ADAPTER)


def test_an_adapter_of_an_unknown_model_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"llms\.legal\.of: base"):
        settings(legal=ADAPTER)
