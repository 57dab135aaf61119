from pathlib import Path

import pytest

from jobs.prepare import main
from tests.support.recorded import without_tracking

CONFIG = """
name: trial
output: {output}
sources:
  - {{source: generator, function: "tests.support.recorded:samples", count: 40}}
  - {{source: documents, folder: {documents}}}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_tracking(monkeypatch)
    (tmp_path / "one.md").write_text("# One\n\nA document.\n")
    path = tmp_path / "prepare.yaml"
    path.write_text(CONFIG.format(output=tmp_path / "out", documents=tmp_path))
    return path


def test_the_job_makes_a_data_set_of_generated_texts_and_documents(config: Path) -> None:
    assert main(["--config", str(config)]) == 0

    [card] = (config.parent / "out").rglob("card.md")
    assert "| documents |" in card.read_text()
    assert "| generated |" in card.read_text()


def test_an_unknown_generator_or_a_misspelt_key_fails_the_job(config: Path) -> None:
    written = config.read_text()
    for wrong in (written.replace(":samples", ":nothing"), written.replace("count", "cuont")):
        config.write_text(wrong)

        assert main(["--config", str(config)]) == 1
