from pathlib import Path

import pytest

from genai.analyst.reading.second_reader import read_reader
from jobs.make_reader import main


def test_the_job_writes_what_the_analyst_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reader.npz"

    assert main([str(file), "--questions", "2000"]) == 0

    assert "grams" in capsys.readouterr().out
    reader = read_reader(file)
    assert reader.doubts("How many customers are there?", "SELECT AVG(l.x) AS y FROM loans l")
