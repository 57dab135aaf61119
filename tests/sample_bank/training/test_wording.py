import re
from random import Random

import pytest

from sample_bank.training.wording import FOLDER, NAME, phrases, say, tidy

REFERENCE = re.compile(r"[\"'<_](\w+)[\"'>]")


def texts() -> dict[str, str]:
    files = (*FOLDER.glob("*"), *FOLDER.parent.glob("*.py"))
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def test_alternatives_may_hold_others() -> None:
    said = {say(Random(seed), "(how (many|much)|what)") for seed in range(50)}

    assert said == {"how many", "how much", "what"}


def test_a_slot_is_filled_after_the_choice() -> None:
    assert say(Random(0), "{np} (in total)?", np="cards (|)") == "cards (|) in total?"


def test_a_slot_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        say(Random(0), "how many {np}")


def test_spaces_are_tidied() -> None:
    assert tidy("  how  many ?") == "how many?"


@pytest.mark.parametrize("name", sorted(phrases()))
def test_every_phrase_names_only_phrases(name: str) -> None:
    for line in phrases()[name]:
        assert {found[1] for found in NAME.finditer(line)} <= set(phrases())


@pytest.mark.parametrize("name", sorted(phrases()))
def test_brackets_are_closed(name: str) -> None:
    for line in phrases()[name]:
        assert line.count("(") == line.count(")")
        assert not re.search(r"[()]", re.sub(r"\{[^}]*\}", "", say(Random(0), _blank(line))))


def _blank(line: str) -> str:
    return re.sub(r"\{[^}]*\}|<\w+>", "x", line)
