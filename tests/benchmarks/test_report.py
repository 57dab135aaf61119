import json
from dataclasses import replace

from benchmarks.report import markdown
from benchmarks.results import EngineResult, Results, median
from tests.benchmarks.results_of import measured, system


def test_a_report_has_a_row_for_each_endpoint_that_was_measured() -> None:
    ours = system(
        "inline",
        generate_requests_1=measured(per_second=80, ms=4.0),
        chat_requests_16=measured(per_second=900, cpu_ms=1.25),
    )

    table = markdown(Results(systems={"inline": ours}))

    assert "| inline, generate | 3.0 / 7.0 | 80 · - · - |" in table
    assert "| inline, chat | - | - · 900 · - | - · 1.25 · - |" in table


def test_a_figure_that_was_disturbed_is_marked() -> None:
    disturbed = replace(measured(per_second=900), other_cores=1.0)

    table = markdown(Results(systems={"inline": system("inline", chat_requests_16=disturbed)}))

    assert "900*" in table


def test_what_could_not_be_measured_is_named() -> None:
    assert "**litellm could not be measured:** no pip" in markdown(
        Results(errors={"litellm": "no pip"})
    )


def test_results_become_json_with_everything_in_them() -> None:
    ours = system("inline", chat_requests_16=measured(per_second=900))
    engine = EngineResult([90.0], [100.0], 5.0, 4.0)

    values = json.loads(json.dumps(Results(systems={"inline": ours}, engine=engine).as_json()))

    assert values["engine"]["ratio"] == 0.9
    assert values["systems"]["inline"]["loads"]["chat/requests/16"]["per_second"] == 900


def test_the_median_of_an_even_number_lies_between_the_middle_ones() -> None:
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.5
    assert median([3.0, 1.0, 2.0]) == 2.0
