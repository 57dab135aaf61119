from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from genai.settings.application import Settings
from genai.settings.models import ScriptedSettings
from genai.settings.plan_graph import mistakes_in
from tests.support.plans import a_plan, ask, parallel, sequence

MODELS = dict.fromkeys(("bank", "extractive", "analyst"), ScriptedSettings(backend="scripted"))


def settings_with(plan: Mapping[str, Any], **more: Any) -> Settings:
    return Settings.model_validate({"llms": MODELS, "plans": {"mine": plan}, **more})


def nodes(**named: dict[str, Any]) -> dict[str, Any]:
    return {"start": "start", "nodes": named}


def test_a_misspelt_key_of_a_node_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="retrys"):
        settings_with(nodes(start=ask(retrys=2)))


def test_an_unknown_kind_of_node_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"plans\.mine\.nodes\.start"):
        settings_with(nodes(start={"node": "loop", "body": "start"}))


def test_a_circle_is_refused_with_the_way_around_it() -> None:
    with pytest.raises(ValidationError, match=r"circle: start -> again -> start"):
        settings_with(nodes(start=sequence("again"), again=parallel("start", "start")))


def test_a_fallback_that_leads_back_is_a_circle() -> None:
    plan = a_plan(start=ask(on_failure="fallback", fallback="start"))

    assert list(mistakes_in(plan)) == ["the nodes go round in a circle: start -> start"]


def test_a_name_that_no_node_has_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"plans.mine: start: there is no node missing"):
        settings_with(nodes(start=sequence("missing")))


def test_a_node_that_nothing_leads_to_is_refused() -> None:
    assert list(mistakes_in(a_plan(start=ask(), lost=ask()))) == ["no other node leads to lost"]


def test_a_node_may_read_only_what_is_done_before_it() -> None:
    plan = a_plan(start=parallel("one", "two"), one=ask(), two=ask(reads=["one"]))

    assert list(mistakes_in(plan)) == ["two: one is not done before it"]


def test_a_later_step_reads_an_earlier_one() -> None:
    plan = a_plan(
        start=sequence("one", "rest"),
        one=ask(),
        rest=parallel("two", "three"),
        two=ask(reads=["one"]),
        three=ask(),
    )

    assert list(mistakes_in(plan)) == []


def test_items_exist_only_within_a_map() -> None:
    assert list(mistakes_in(a_plan(start=ask("about {item}")))) == [
        "start: nothing stands for {item} here"
    ]


def test_a_map_is_over_something_found_before() -> None:
    plan = a_plan(
        start=sequence("list", "each"),
        list=ask(),
        each={"node": "map", "over": "list", "each": "one"},
        one=ask("about {item}"),
    )

    assert list(mistakes_in(plan)) == []


@pytest.mark.parametrize("wrong", [{"on_failure": "fallback"}, {"fallback": "other"}])
def test_a_fallback_is_named_exactly_where_it_is_wanted(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        settings_with(nodes(start=ask(**wrong), other=ask()))


def test_a_tool_that_the_agent_lacks_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no tool wand"):
        settings_with(nodes(start={"node": "tool", "tool": "wand"}))


def test_a_supervising_model_must_be_configured() -> None:
    specialists = {"one": {"node": "one", "route": "rag"}}
    plan = nodes(start={"node": "handoff", "specialists": specialists, "llm": "boss"}, one=ask())

    with pytest.raises(ValidationError, match=r"plans.mine.nodes.start.llm: boss"):
        settings_with(plan)


def test_a_route_may_lead_only_to_a_plan_that_exists() -> None:
    with pytest.raises(ValidationError, match=r"routing.plans.compound: there is no plan other"):
        settings_with(nodes(start=ask()), routing={"plans": {"compound": "other"}})
