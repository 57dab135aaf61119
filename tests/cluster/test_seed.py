from pathlib import Path

import pytest

from cluster.seed import main, seed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    (folder / "models/bank").mkdir(parents=True)
    (folder / "models/bank/config.json").write_text("{}")
    (folder / "bank.sqlite").write_bytes(b"rows")
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir()
    return folder


def test_an_empty_volume_gets_everything(source: Path, target: Path) -> None:
    assert seed(source, target) == ["bank.sqlite", "models"]

    assert (target / "bank.sqlite").read_bytes() == b"rows"
    assert (target / "models/bank/config.json").read_text() == "{}"


def test_what_is_there_stays_as_it_is(source: Path, target: Path) -> None:
    (target / "bank.sqlite").write_bytes(b"newer rows")

    assert seed(source, target) == ["models"]
    assert (target / "bank.sqlite").read_bytes() == b"newer rows"


def test_nothing_else_is_left_behind(source: Path, target: Path) -> None:
    seed(source, target)

    assert sorted(path.name for path in target.iterdir()) == ["bank.sqlite", "models"]


def test_the_command_says_what_it_copied(
    source: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(source), str(target)]) == 0
    assert main([str(source), str(target)]) == 0

    assert capsys.readouterr().out.count("copied") == 2
