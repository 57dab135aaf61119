from typing import Any

import pytest
from pydantic import ValidationError

from genai.settings.application import Settings

SCRIPTED = {"backend": "scripted"}
VLLM = {"backend": "vllm", "model": "folder", "adapters": {}}
USED = {name: {"llm": "bank"} for name in ("chat", "rag", "agent")}


def settings(**llms: Any) -> Settings:
    return Settings.model_validate({"llms": {"bank": SCRIPTED, **llms}, **USED})


@pytest.mark.parametrize(
    ("llm", "where"),
    [
        ({**SCRIPTED, "fallbacks": ["gtp", "bank"]}, "fallbacks"),
        ({**SCRIPTED, "fallbacks": ["bank", "gtp"]}, "fallbacks"),
        ({**SCRIPTED, "slot_of": "gtp"}, "slot_of"),
        ({"backend": "canary", "slots": ["gtp", "bank"]}, "slots"),
        ({"backend": "canary", "slots": ["bank", "gtp"]}, "slots"),
        ({"backend": "adapter", "of": "gtp"}, "of"),
        ({"backend": "analyst", "model": "gtp", "examples": "", "words": ""}, "model"),
    ],
)
def test_a_model_that_another_names_and_nobody_configured_is_refused_by_its_path(
    llm: dict[str, Any], where: str
) -> None:
    with pytest.raises(ValidationError, match=rf"llms\.new\.{where}: gtp"):
        settings(new=llm)


@pytest.mark.parametrize("route", list(USED))
def test_so_is_the_model_of_a_route(route: str) -> None:
    with pytest.raises(ValidationError, match=rf"{route}\.llm: gtp"):
        Settings.model_validate({"llms": {"bank": SCRIPTED}, **USED, route: {"llm": "gtp"}})


def test_and_that_of_a_supervisor_in_a_plan() -> None:
    ask = {"node": "ask", "route": "rag"}
    specialist = {"rules": {"node": "ask", "route": "rag", "description": "rules"}}
    split = {"node": "handoff", "llm": "gtp", "specialists": specialist}
    plans = {"mine": {"start": "split", "nodes": {"split": split, "ask": ask}}}

    with pytest.raises(ValidationError, match=r"plans\.mine\.nodes\.split\.llm: gtp"):
        Settings.model_validate({"llms": {"bank": SCRIPTED}, **USED, "plans": plans})


def test_names_that_are_configured_pass() -> None:
    models = settings(
        bank={"backend": "canary", "slots": ["blue", "green"], "fallbacks": ["spare"]},
        blue={**SCRIPTED, "slot_of": "bank"},
        green={**SCRIPTED, "slot_of": "bank"},
        spare=SCRIPTED,
        base=VLLM,
        legal={"backend": "adapter", "of": "base"},
    ).llms

    assert list(models) == ["bank", "blue", "green", "spare", "base", "legal"]


def test_a_model_cannot_be_its_own_fallback_but_two_can_stand_in_for_each_other() -> None:
    spare = {**SCRIPTED, "fallbacks": ["bank"]}

    settings(bank={**SCRIPTED, "fallbacks": ["spare"]}, spare=spare)
    with pytest.raises(ValidationError, match=r"llms\.bank\.fallbacks: bank is the model itself"):
        settings(bank={**SCRIPTED, "fallbacks": ["spare", "bank"]}, spare=spare)


def test_examples_for_a_model_that_works_by_its_own_are_refused() -> None:
    analyst = {"backend": "analyst", "model": "bank", "examples": "", "words": ""}
    few_shot = {"examples": "examples.yaml"}
    llms = {"bank": SCRIPTED, "analyst": analyst}
    agents = [{"llm": name, "few_shot": few_shot} for name in ("bank", "analyst")]

    Settings.model_validate({"llms": llms, **USED, "agent": agents[0]})
    with pytest.raises(ValidationError, match=r"agent\.few_shot: analyst"):
        Settings.model_validate({"llms": llms, **USED, "agent": agents[1]})
