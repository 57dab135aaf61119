import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.capacity import cpus, deployments, replicas
from deployments.config import load, main, mistakes_in, without_gpus
from genai.errors import Misconfigured

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "serve_config.yaml"


@pytest.fixture
def config() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(SHIPPED.read_text()))


def mistakes(config: dict[str, Any]) -> str:
    return "\n".join(mistakes_in(config))


def test_the_shipped_config_has_no_mistakes() -> None:
    assert load(SHIPPED)["applications"][0]["name"] == "assistant"


@pytest.mark.parametrize(
    ("section", "misspelt"),
    [
        ((), "http_option"),
        (("http_options",), "request_timout_s"),
        (("applications", 0), "deployment"),
        (("applications", 0, "args"), "lms"),
        (("applications", 0, "args", "safety"), "injektion"),
        (("applications", 0, "args", "llms", "bank"), "max_model_length"),
        (("applications", 0, "args", "agent", "tools", 0), "row_limit"),
        (("applications", 0, "deployments", 0), "max_queued_request"),
        (("applications", 0, "deployments", 0, "ray_actor_options"), "num_gpu"),
        (("applications", 0, "deployments", 5, "autoscaling_config"), "target_ongoing_request"),
        (("logging_config",), "log_lvl"),
    ],
)
def test_a_misspelt_key_is_refused_by_name(
    config: dict[str, Any], section: tuple[str | int, ...], misspelt: str
) -> None:
    place: Any = config
    for step in section:
        place = place[step]
    place[misspelt] = 1

    assert misspelt in mistakes(config)


@pytest.mark.parametrize(
    ("section", "misspelt", "meant"),
    [
        ((), "http_option", "http_options"),
        (("applications", 0, "args"), "lms", "llms"),
        (("applications", 0, "args", "rag"), "topk", "top_k"),
        (("applications", 0, "args", "llms", "bank"), "max_model_length", "max_model_len"),
        (("applications", 0, "args", "agent", "tools", 0), "rowlimit", "max_rows"),
    ],
)
def test_a_misspelt_key_is_refused_with_those_that_there_are(
    config: dict[str, Any], section: tuple[str | int, ...], misspelt: str, meant: str
) -> None:
    place: Any = config
    for step in section:
        place = place[step]
    place[misspelt] = 1

    [told] = [line for line in mistakes(config).splitlines() if f"{misspelt} is not" in line]

    assert meant in told.partition("known are ")[2].split(", ")


def test_the_key_that_was_probably_meant_comes_first(config: dict[str, Any]) -> None:
    config["applications"][0]["args"]["rag"]["tpo_k"] = 3

    assert "args.rag.tpo_k is not a setting (did you mean top_k?); known are" in mistakes(config)


def test_a_mistake_of_the_whole_is_told_without_a_stray_dot(config: dict[str, Any]) -> None:
    config["applications"][0]["args"]["rag"]["llm"] = "gtp"

    [told] = [line for line in mistakes(config).splitlines() if "gtp" in line]

    assert told.startswith("applications[0].args: ")
    assert "Value error" not in told


def test_a_deployment_that_the_graph_lacks_is_refused_by_name(config: dict[str, Any]) -> None:
    config["applications"][0]["deployments"][1]["name"] = "Saftey"

    assert "no deployment Saftey" in mistakes(config)
    assert "Safety is missing" in mistakes(config)


def test_an_inline_component_has_no_deployment(config: dict[str, Any]) -> None:
    config["applications"][0]["args"]["placement"]["rag"] = "inline"

    assert "no deployment RAG" in mistakes(config)


def test_a_model_that_is_not_configured_is_refused_by_name(config: dict[str, Any]) -> None:
    config["applications"][0]["args"]["rag"]["llm"] = "gtp"

    assert "gtp" in mistakes(config)


@pytest.mark.parametrize("timeout_s", [120, 60.5])
def test_serve_cannot_time_out_before_the_assistant(
    config: dict[str, Any], timeout_s: float
) -> None:
    config["applications"][0]["args"]["http"] = {"max_timeout_s": 120}
    config["http_options"]["request_timeout_s"] = timeout_s

    assert mistakes(config) == (
        f"http_options.request_timeout_s: {timeout_s:g} is not longer than "
        "applications[0].args.http.max_timeout_s, 120"
    )


@pytest.mark.parametrize("timeout_s", [None, -1])
def test_serve_may_have_no_timeout(config: dict[str, Any], timeout_s: float | None) -> None:
    config["http_options"]["request_timeout_s"] = timeout_s

    assert mistakes(config) == ""


def test_without_gpus_only_the_fractions_of_gpus_are_gone(config: dict[str, Any]) -> None:
    stripped = without_gpus(config)

    assert "num_gpus" not in yaml.safe_dump(stripped)
    for before in config["applications"][0]["deployments"]:
        before["ray_actor_options"].pop("num_gpus", None)
    assert stripped == config


def test_a_bad_file_is_refused_with_its_name(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("applications: [")

    with pytest.raises(Misconfigured, match=r"bad\.yaml"):
        load(bad)


def test_the_command_says_what_is_wrong_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("aplications: []")

    assert main([str(bad)]) == 1
    assert "aplications" in capsys.readouterr().err


def test_a_replica_that_dies_finds_room_to_start_again_on_two_cores() -> None:
    shipped = load(SHIPPED)

    asked = sum(replicas(deployment)[1] * cpus(deployment) for deployment in deployments(shipped))
    assert asked <= 1.75


@pytest.mark.parametrize("port", [0, -1, 65_536, 80_000])
def test_a_port_that_no_machine_has_is_refused(config: dict[str, Any], port: int) -> None:
    config["http_options"]["port"] = port

    assert "http_options.port: a port is a number from 1 to 65535" in mistakes(config)


def test_a_builder_that_the_module_lacks_is_refused_by_name(config: dict[str, Any]) -> None:
    config["applications"][0]["import_path"] = "deployments.app:bild"

    assert "applications[0].import_path: deployments.app has no bild" in mistakes(config)


def test_the_command_refuses_files_that_the_project_lacks_and_tells_those_of_other_machines(
    tmp_path: Path, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    args = config["applications"][0]["args"]

    args["rag"]["documents"] = str(tmp_path / "elsewhere")
    path.write_text(yaml.safe_dump(config))
    assert main([str(path)]) == 0
    assert "mine.yaml: rag.documents: there is no" in capsys.readouterr().err

    args["rag"]["documents"] = "sample_bank/dokuments"
    path.write_text(yaml.safe_dump(config))
    assert main([str(path)]) == 1
    told = capsys.readouterr()
    assert told.err == "mine.yaml: rag.documents: there is no sample_bank/dokuments\n"
    assert told.out == ""


def test_a_key_that_is_given_twice_is_refused_with_its_place(tmp_path: Path) -> None:
    twice = tmp_path / "twice.yaml"
    twice.write_text("rag:\n  top_k: 5\n  top_k: 3\n")

    with pytest.raises(Misconfigured, match=r"top_k is given twice.*\n.*line 3"):
        load(twice)
