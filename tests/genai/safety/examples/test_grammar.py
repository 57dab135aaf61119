from pathlib import Path
from random import Random

import pytest

from genai.safety.examples import grammar as module
from genai.safety.examples.grammar import Grammar, load_grammar

FILES = sorted(Path(module.__file__).parent.glob("*.grammar"))


def test_rules_name_each_other() -> None:
    grammar = Grammar({"greeting": ["hello {who}"], "who": ["world"]})

    assert grammar.say("greeting", Random(0)) == "hello world"


def test_words_in_brackets_are_there_half_of_the_time() -> None:
    grammar = Grammar({"ask": ["[{soft} ]go"], "soft": ["please"]})
    random = Random(0)

    said = [grammar.say("ask", random) for _ in range(400)]

    assert set(said) == {"go", "please go"}
    assert 140 < said.count("go") < 260


def test_doubled_braces_are_braces() -> None:
    assert Grammar({"json": ['{{"a": 1}}']}).say("json", Random(0)) == '{"a": 1}'


def test_a_rule_that_names_an_unknown_one_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="nobody"):
        Grammar({"a": ["{nobody}"]})


def test_files_share_their_rules(tmp_path: Path) -> None:
    (tmp_path / "a.grammar").write_text("# comment\n\na:\n  one {b} | two {b}\n")
    (tmp_path / "b.grammar").write_text("b:\n  apple\n  pear\n")
    grammar = load_grammar(sorted(tmp_path.iterdir()))
    random = Random(1)

    said = {grammar.say("a", random) for _ in range(60)}

    assert said == {"one apple", "one pear", "two apple", "two pear"}


def test_no_file_replaces_a_rule_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.grammar").write_text("fruit:\n  apple\n")
    (tmp_path / "b.grammar").write_text("fruit:\n  pear\n")

    with pytest.raises(ValueError, match="fruit"):
        load_grammar(sorted(tmp_path.iterdir()))


def test_no_rule_of_a_file_replaces_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "a.grammar").write_text("fruit:\n  apple\nnut:\n  hazel\nfruit:\n  pear\n")

    with pytest.raises(ValueError, match="fruit"):
        load_grammar([tmp_path / "a.grammar"])


@pytest.mark.parametrize(
    "rule",
    ["override", "extraction", "persona_attack", "indirect", "mixed", "foreign_attack",
             "harmless", "instruction", "foreign_request", "passage", "customer_talk",
             "everyday_attack", "near_everyday"],
)  # fmt: skip
def test_the_shipped_grammar_says_many_things_without_holes(rule: str) -> None:
    grammar = load_grammar(FILES)
    random = Random(5)

    said = [grammar.say(rule, random) for _ in range(300)]

    assert len(set(said)) > 150
    assert said == [grammar.say(rule, again) for again in [Random(5)] for _ in range(300)]
