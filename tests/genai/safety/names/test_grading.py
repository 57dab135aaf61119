import json
from pathlib import Path

from genai.safety.names.generator import TaggedText
from genai.safety.names.grading import grade, labelled_file
from genai.safety.names.recognizer import SHIPPED
from genai.safety.names.tagger import load


def test_spans_and_words_are_counted_apart() -> None:
    half_right = TaggedText("My name is Anna Schmidt.", ((11, 15, "PERSON"),))

    (person,) = grade(load(SHIPPED), [half_right], ["PERSON"])

    assert (person.span_precision, person.span_recall, person.examples) == (0.0, 0.0, 1)
    assert (person.word_precision, person.word_recall) == (0.5, 1.0)


def test_labels_of_a_file_are_translated_and_others_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    spans = [{"start": 8, "end": 14, "label": "GPE"}, {"start": 0, "end": 4, "label": "AGE"}]
    path.write_text(json.dumps({"text": "I am in Madrid", "spans": spans}))

    assert list(labelled_file(path, {"GPE": "LOCATION"})) == [
        TaggedText("I am in Madrid", ((8, 14, "LOCATION"),))
    ]
