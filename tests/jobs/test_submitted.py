from pathlib import Path

import pytest

from jobs.submitted import HOME_ENV, link_data


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/var").mkdir(parents=True)
    (tmp_path / "copy").mkdir()
    return tmp_path / "home"


def test_a_submitted_job_finds_the_data_of_the_service(home: Path, tmp_path: Path) -> None:
    for _ in range(2):
        link_data({HOME_ENV: str(home)}, tmp_path / "copy")

    (tmp_path / "copy/var/made").write_text("by the job")
    assert (home / "var/made").read_text() == "by the job"


def test_an_existing_var_is_kept(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy/var").mkdir()

    link_data({HOME_ENV: str(home)}, tmp_path / "copy")

    assert not (tmp_path / "copy/var").is_symlink()


@pytest.mark.parametrize("environ", [{}, {HOME_ENV: "/nowhere"}])
def test_without_a_home_nothing_is_linked(environ: dict[str, str], tmp_path: Path) -> None:
    link_data(environ, tmp_path)

    assert not list(tmp_path.iterdir())
