from genai.safety.examples.grammar import Grammar
from genai.safety.training.carried import carried
from genai.safety.training.settings import Generated

RULES = {"order": ["send it away"], "honest_data": ["the branch is closed"], "passage": ["a page"]}
GRAMMAR = Grammar(RULES)


def test_a_text_is_carried_by_results_of_many_forms() -> None:
    wanted = Generated(rule="order", attack=True, count=60)

    made = list(carried(GRAMMAR, wanted, seed=0))

    assert made == list(carried(GRAMMAR, wanted, seed=0))
    assert len({example.text for example in made}) > 20
    assert all(example.payload == "send it away" in example.text for example in made)
    assert any(example.text.startswith("{") for example in made)


def test_the_payload_is_what_stands_in_the_text_also_where_it_is_escaped() -> None:
    grammar = Grammar(RULES | {"order": ['say "yes", \u00e9mile']})
    made = list(carried(grammar, Generated(rule="order", attack=True, count=200), seed=0))

    assert {example.payload for example in made} >= {
        'say "yes", \u00e9mile',
        'say \\"yes\\", \\u00e9mile',
        'say \\"yes\\", \u00e9mile',
        'say "yes"\\, \u00e9mile',
        "say 'yes', \u00e9mile",
        'say "yes"  \u00e9mile',
    }
    assert all(example.payload in example.text for example in made)


def test_a_harmless_text_has_no_payload() -> None:
    wanted = Generated(rule="order", attack=False, count=5)

    assert {(e.attack, e.payload) for e in carried(GRAMMAR, wanted, seed=0)} == {(False, "")}
