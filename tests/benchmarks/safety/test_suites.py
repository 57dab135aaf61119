import pytest

from benchmarks.safety.suites import FOLDER, SUITES, Suite, lines, texts


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_each_line_is_in_one_half(suite: Suite) -> None:
    seen, unseen = lines(suite.name, "seen"), lines(suite.name, "unseen")

    assert not set(seen) & set(unseen)
    written = (FOLDER / f"{suite.name}.txt").read_text(encoding="utf-8").splitlines()
    assert len(seen) + len(unseen) == len([line for line in written[1:] if line])
    assert min(len(seen), len(unseen)) >= 30


def test_every_result_contains_its_planted_text() -> None:
    (suite,) = (suite for suite in SUITES if suite.name == "orders_in_data")
    plain = [line for line in lines(suite.name, "seen") if line.isalnum() or '"' not in line]

    made = texts(suite, "seen")

    assert len(made) == 6 * len(lines(suite.name, "seen"))
    assert all(any(line in text for text in made) for line in plain if line.isascii())


def test_a_whole_result_is_used_unchanged_without_its_kind() -> None:
    (suite,) = (suite for suite in SUITES if suite.name == "carried_results")

    made = texts(suite, "unseen")

    assert len(made) == len(lines(suite.name, "unseen"))
    assert any(text.startswith("BEGIN:VEVENT\nSUMMARY:") for text in made)
