import subprocess
from pathlib import Path

import pytest

from cluster.ci.secrets_scan import ALLOWED, main, secrets_in

SECRETS = {
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "AWS access key": "AKIA" + "Q3EGRIT7XWMZ2PLA",
    "OpenAI key": "sk-proj-" + "a1B2c3D4" * 5,
    "GitHub token": "ghp_" + "a1B2c3D4e5F6" * 3,
    "Hugging Face token": "hf_" + "abcdEFGH" * 4,
    "password in an address": "postgresql://ann:" + "correcthorse" + "@db.example",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_with_its_line(kind: str) -> None:
    assert (2, kind) in list(secrets_in(f"first line\n{SECRETS[kind]}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "redis://:{{ .redis_password }}@redis:6379/0",
        "api_key_env: OPENAI_API_KEY",
        "postgresql://reader@db.example/bank",
        "the risk-adjusted-return-of-a-portfolio-over-many-years",
    ],
)
def test_what_only_names_a_secret_is_none(text: str) -> None:
    assert list(secrets_in(text)) == []


def test_a_line_may_say_that_it_holds_none() -> None:
    assert list(secrets_in(f"{SECRETS['AWS access key']}  # {ALLOWED}")) == []


def test_tracked_files_are_read_and_the_secret_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "config.py").write_text(f"KEY = '{SECRETS['OpenAI key']}'\n")
    (tmp_path / "ignored.py").write_text(SECRETS["private key"])
    subprocess.run(["git", "-C", str(tmp_path), "add", "config.py"], check=True)

    assert main(tmp_path) == 1
    assert capsys.readouterr().out == "config.py:1: OpenAI key\n"


def test_this_repository_holds_no_secret() -> None:
    assert main(Path(__file__).resolve().parents[2]) == 0
