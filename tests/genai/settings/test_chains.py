import pytest

from genai.settings.chains import chain_of, components_of, lacks_key, parts_of
from genai.settings.models import OpenAISettings, ScriptedSettings
from tests.genai.factory.test_llm_factory import ADAPTER, BASE, SCRIPT, settings


def test_a_chain_follows_fallbacks_of_fallbacks_once_each() -> None:
    configured = settings(
        x={**SCRIPT, "fallbacks": ["y", "a"]}, y={**SCRIPT, "fallbacks": ["a", "x"]}
    )

    assert chain_of(configured, "x") == ("x", "y", "a")


def test_an_adapter_needs_the_model_whose_engine_it_shares() -> None:
    slots = {"backend": "canary", "slots": ["blue", "green"]}
    slot = {**ADAPTER, "model": "", "slot_of": "bank"}
    configured = settings(
        base=BASE, legal={**ADAPTER, "fallbacks": ["a"]}, bank=slots, blue=slot, green=slot
    )

    assert parts_of(configured, "legal") == {"legal", "a", "base"}
    assert parts_of(configured, "bank") == {"bank", "blue", "green", "base"}


def test_the_components_of_an_analyst_and_of_a_canary_are_models() -> None:
    analyst = {"backend": "analyst", "model": "a", "examples": "", "words": ""}
    configured = settings(bank={"backend": "canary", "slots": ["a", "x"]}, x=analyst)

    assert components_of(configured.llms["bank"]) == ("a", "x")
    assert components_of(configured.llms["x"]) == ("a",)
    assert components_of(configured.llms["a"]) == ()
    assert parts_of(configured, "x") == {"x", "a"}


def test_a_model_in_the_cloud_without_its_key_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = OpenAISettings(backend="openai", model="m", api_key_env="OUR_KEY")
    monkeypatch.delenv("OUR_KEY", raising=False)

    assert lacks_key(cloud)
    assert not lacks_key(ScriptedSettings(backend="scripted"))
    monkeypatch.setenv("OUR_KEY", "secret")
    assert not lacks_key(cloud)
