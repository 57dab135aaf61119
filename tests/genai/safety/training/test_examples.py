import json
from pathlib import Path
from typing import Any

from genai.safety.training.examples import examples_in, generated_examples
from genai.safety.training.settings import Generated, TrainingSettings

SETTINGS = TrainingSettings(
    labelled=("attacks.jsonl",),
    harmless={"chats.jsonl": "messages"},
    calibration=(),
    generated=(
        Generated(rule="override", attack=True, count=40),
        Generated(rule="harmless", attack=False, count=40),
    ),
    inserted=20,
    most_of_a_file=1,
)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_files_are_read_with_their_labels(tmp_path: Path) -> None:
    write(tmp_path / "attacks.jsonl", [{"text": "a b", "label": 1, "payload": "b"}])
    chat = [[{"role": "user", "content": "hi"}]]
    write(tmp_path / "chats.jsonl", [{"messages": chat}, {"messages": chat}])

    attack, harmless = examples_in(tmp_path, SETTINGS)

    assert (attack.text, attack.attack, attack.payload) == ("a b", True, "b")
    assert (harmless.text, harmless.attack, harmless.source) == ("hi", False, "chats.jsonl")


def test_generated_texts_are_the_same_each_time_and_all_different() -> None:
    made = generated_examples(SETTINGS)

    assert made == generated_examples(SETTINGS)
    assert len(made) == 100
    assert len({example.text for example in made}) > 95


def test_an_inserted_attack_says_where_it_is() -> None:
    inserted = [e for e in generated_examples(SETTINGS) if e.payload]

    assert len(inserted) == 20
    assert all(example.payload in example.text and example.attack for example in inserted)
