import json

from genai.safety.schema_words import words_in


def test_names_and_values_of_a_schema_are_its_words_as_json_spells_them() -> None:
    schema = {
        "properties": {"back\\slash": {"enum": ["a@b.example", 7, ["x", {"deep": 1.5}]]}},
        "required": ["named"],
        "items": {"minimum": 4111111111111111},
    }

    words = words_in([json.dumps(schema)])

    assert {
        "back\\\\slash", "a@b.example", "7", "x", "deep", "1.5", "named", "4111111111111111"
    } <= words  # fmt: skip


def test_descriptions_and_defaults_are_not_what_a_schema_dictates() -> None:
    schema = {"type": "string", "description": "like a@b.example", "default": "c@d.example"}

    assert not {word for word in words_in([json.dumps(schema)]) if "@" in word}


def test_what_is_no_schema_has_no_words() -> None:
    assert words_in(["{", "[1]", "5", "[" * 30_000, "{}" + " " * 40_000]) == frozenset()
