from pathlib import Path
from random import Random

from genai.analyst.reading.features import ngrams, query_features
from genai.analyst.reading.second_reader import read_reader
from genai.training.second_reader import learn

STATES = ("blocked", "expired", "active")


def an_example(random: Random) -> tuple[str, str]:
    state = random.choice(STATES)
    question = random.choice(
        ("how many {s} cards", "number of cards that are {s}", "count {s} cards")
    )
    return question.format(s=state), query(state)


def query(state: str) -> str:
    return f"SELECT COUNT(*) AS cards FROM cards k WHERE k.status = '{state}'"


def test_it_learns_which_words_call_for_which_condition(tmp_path: Path) -> None:
    random = Random(1)
    made = [an_example(random) for _ in range(40_000)]

    trained = learn([(ngrams(q), query_features(sql)) for q, sql in made], tmp_path / "reader.npz")

    assert {f"k.status = {state}" for state in STATES} <= set(trained.parts)
    reader = read_reader(tmp_path / "reader.npz")
    for state in STATES:
        assert not reader.doubts(f"how many {state} cards", query(state))
    assert reader.doubts("how many blocked cards", query("expired"))
    assert reader.doubts("how many blocked cards", "SELECT COUNT(*) AS cards FROM cards k")
