import pytest

from genai.access.quotes import Quotes
from genai.messages import Route
from genai.settings.application import Settings

PRICED = {"input": 1.0, "output": 10.0}


def settings(price: dict[str, float], **fields: object) -> Settings:
    scripted = {"backend": "scripted"}
    models = {
        "free": scripted,
        "gpt": scripted | {"price": price},
        "chain": scripted | {"price": price, "fallbacks": ["gpt", "free"]},
    }
    named: dict[str, object] = {"chat": {"llm": "chain"}, "rag": {"llm": "gpt"}}
    return Settings.model_validate({"llms": models, **named, "agent": {"llm": "free"}} | fields)


def test_a_quote_for_a_model_includes_its_fallbacks() -> None:
    quotes = Quotes(settings(PRICED))

    assert quotes.of_model("free", 100, 10, 60) == 0
    assert quotes.of_model("gpt", 100, 10, 60) == 200
    assert quotes.of_model("chain", 100, 10, 60) == 400


def test_a_model_without_its_api_key_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = {"backend": "openai", "model": "gpt", "api_key_env": "CLOUD_KEY", "price": PRICED}
    models = {"own": {"backend": "scripted", "fallbacks": ["cloud"]}, "cloud": cloud}
    uses = {"chat": {"llm": "own"}, "rag": {"llm": "own"}, "agent": {"llm": "own"}}
    configured = Settings.model_validate({"llms": models, **uses})

    monkeypatch.delenv("CLOUD_KEY", raising=False)
    assert Quotes(configured).free
    assert Quotes(configured).of_model("own", 100, 10, 60) == 0
    monkeypatch.setenv("CLOUD_KEY", "secret")
    assert Quotes(configured).of_model("own", 100, 10, 60) == 200


def test_time_is_quoted_until_the_deadline() -> None:
    quotes = Quotes(settings({"per_hour": 3.6}))

    assert quotes.of_model("gpt", 100, 10, 60) == 60_000


@pytest.mark.parametrize(("route", "dearest"), [("chat", True), ("rag", False), ("agent", False)])
def test_a_question_is_quoted_by_its_route_and_auto_by_the_dearest(
    route: Route, dearest: bool
) -> None:
    quotes = Quotes(settings(PRICED, rag={"llm": "gpt", "top_k": 1}))

    quote = quotes.of_question(route, 50, 500, 60)

    assert (quote == quotes.of_question("auto", 50, 500, 60)) == dearest


def test_an_agent_is_quoted_for_all_its_steps() -> None:
    few, many = (
        Quotes(settings(PRICED, agent={"llm": "gpt", "max_steps": steps})) for steps in (1, 6)
    )

    assert many.of_question("agent", 10, 10, 60) > 3 * few.of_question("agent", 10, 10, 60)


def test_no_quote_exceeds_the_budget_of_a_run() -> None:
    quotes = Quotes(settings(PRICED, budgets={"usd_per_run": 0.0001}))

    assert quotes.of_question("auto", 50, 500, 60) == 100
    assert quotes.of_model("chain", 1000, 1000, 60) == 100


def test_without_prices_all_quotes_are_zero() -> None:
    assert Quotes(settings({})).of_question("auto", 50, 500, 60) == 0


def test_a_plan_is_quoted_for_every_call_that_it_can_make() -> None:
    one = {"node": "ask", "route": "chat"}
    nodes = {
        "start": {"node": "parallel", "branches": ["one", "two"], "merge": "model"},
        "one": one,
        "two": one | {"retries": 1, "on_failure": "fallback", "fallback": "one"},
    }
    quotes = Quotes(settings(PRICED, plans={"mine": {"start": "start", "nodes": nodes}}))

    quote = quotes.of_question("auto", 50, 500, 60, "mine")

    merging = quote - 4 * quotes.of_question("chat", 50, 500, 60)
    assert merging > 0


def test_a_route_answered_by_a_plan_is_quoted_like_the_plan() -> None:
    plan = {"start": "one", "nodes": {"one": {"node": "ask", "route": "chat", "retries": 2}}}
    more = {"plans": {"mine": plan}, "routing": {"plans": {"chat": "mine"}}}
    plain, planned = Quotes(settings(PRICED)), Quotes(settings(PRICED, **more))

    asked = ("chat", 50, 500, 60)
    assert planned.of_question(*asked) == 3 * plain.of_question(*asked)
