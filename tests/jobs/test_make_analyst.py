from pathlib import Path

import pytest
from transformers import AutoTokenizer

from jobs.make_analyst import main
from sample_bank.training.generator import examples, pieces

SMALL = ("--hidden", "64", "--layers", "1", "--inner", "64", "--words", "500", "--parts", "100")


def test_the_job_makes_a_model_that_says_much_in_few_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "begin"

    assert main([str(folder), *SMALL, "--heads", "1", "--questions", "2000"]) == 0

    assert "parameters" in capsys.readouterr().out
    assert (folder / "model.safetensors").is_file()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    said = [one.completion for one in examples(9, 100)]
    lengths = [len(tokenizer(text)["input_ids"]) for text in said]
    assert [tokenizer.decode(tokenizer(text)["input_ids"]) for text in said] == said
    assert sum(lengths) / len(lengths) < 20


def test_no_piece_hides_a_digit_or_a_name() -> None:
    found = pieces(1, 2000)

    assert len(found) > 300
    assert not any(piece.strip().isdigit() for piece in found)
    assert not any("TRIM(' " in piece for piece in found)
