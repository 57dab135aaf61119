from benchmarks.goals import Goal, goals
from benchmarks.results import EngineResult, Results
from tests.benchmarks.results_of import measured, system


def found_in(results: Results) -> dict[str, Goal]:
    return {goal.what: goal for goal in goals(results)}


def test_a_run_without_figures_has_no_goals() -> None:
    assert list(goals(Results())) == []


def test_requests_are_compared_with_those_of_litellm() -> None:
    ours = system("deployments", chat_requests_16=measured(per_second=450))
    theirs = system("litellm", chat_requests_16=measured(per_second=100))

    found = found_in(Results(systems={"deployments": ours, "litellm": theirs}))

    ratio = found["deployments chat: requests/s : LiteLLM, 16"]
    assert (ratio.value, ratio.is_met) == (4.5, True)


def test_latency_counts_without_that_of_the_model() -> None:
    ours = system("inline", generate_requests_1=measured(ms=6.0))

    found = found_in(Results(systems={"inline": ours}))

    p50 = found["inline generate: added latency p50"]
    assert (p50.value, p50.is_met) == (5.0, False)
    assert found["inline generate: added latency p99"].value == 11.0


def test_the_engine_has_nine_tenths_of_its_own_servers_speed() -> None:
    slow = EngineResult([80, 85, 90], [100, 100, 100], 1.0, 1.0)

    assert not next(goals(Results(engine=slow))).is_met


def test_a_bound_itself_is_good_enough() -> None:
    assert Goal("speed", 4.0, 4.0, at_least=True).is_met
    assert Goal("time", 4.0, 4.0, at_least=False).is_met
