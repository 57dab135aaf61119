from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.training.settings import FineTuneSettings
from jobs import config, drift, evaluate, fine_tune, loop, prepare, promote

JOBS = (prepare, fine_tune, evaluate, promote, drift, loop)


def mistakes(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(Misconfigured) as raised:
        config.read(path, FineTuneSettings)
    return [line.removeprefix(f"{path}") for line in raised.value.message.splitlines()]


def test_each_mistake_is_a_line_that_names_its_key(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path / "job.yaml",
        "name: a b\nmodle: x\ndata: y\nlora: {rnak: 4}\nepochs: -1\n",
    )

    assert len(said) == 5
    for wanted in (
        ": model is missing",
        ": modle is not a setting; known are batch_size,",
        ": lora.rnak is not a setting",
        ": epochs: Input should be greater than 0",
    ):
        assert [line for line in said if line.startswith(wanted)], wanted


def test_settings_that_contradict_each_other_are_told_in_words(tmp_path: Path) -> None:
    said = mistakes(tmp_path / "job.yaml", "{name: a, model: b, data: c, export: adapter}")

    assert said == [": the whole: export: adapter needs lora"]


@pytest.mark.parametrize("text", ["", "- a list", "name: [", "\x00"])
def test_what_is_no_config_at_all_is_refused(text: str, tmp_path: Path) -> None:
    [said, *_] = mistakes(tmp_path / "job.yaml", text)

    assert said.startswith((" is no YAML", " is not a mapping"))


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_a_job_without_its_config_fails_in_one_line(
    job: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = job.main(["--config", str(tmp_path / "none.yaml")])  # type: ignore[attr-defined]

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"Misconfigured: {tmp_path}/none.yaml cannot be read: No such file or directory"
    ]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_help_says_how_a_job_is_started_and_how_it_ends(
    job: object, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        job.main(["--help"])  # type: ignore[attr-defined]

    said = capsys.readouterr().out
    assert "ray job submit --working-dir ." in said
    assert "xits with" in said or job is prepare
