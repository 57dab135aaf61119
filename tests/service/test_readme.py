"""The README's commands give the answers that it shows."""

import json
import re
import shlex
import subprocess
from typing import Any

import pytest

from tests.support.running_service import ROOT, Service

README = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"```sh\n(curl .*?)```\s*```json\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "answer"), SHOWN, ids=["documents", "database", "attack"])
def test_a_command_gives_the_answer_that_is_shown(
    service: Service, command: str, answer: str
) -> None:
    here = command.replace("http://127.0.0.1:8000", service.url).replace("$KEY", service.key)

    done = subprocess.run(shlex.split(here.replace("\\\n", " ")), capture_output=True, check=True)

    assert_shown(json.loads(answer), json.loads(done.stdout))


def assert_shown(shown: Any, given: Any) -> None:
    """The README shows a part of the answer: it may leave out fields, but no list elements."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_shown(value, given[name])
    elif isinstance(shown, list):
        assert len(shown) == len(given)
        for one, other in zip(shown, given, strict=True):
            assert_shown(one, other)
    else:
        assert shown == given


def test_the_readme_shows_three_questions() -> None:
    assert len(SHOWN) == 3
