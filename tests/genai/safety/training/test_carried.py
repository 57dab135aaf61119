from genai.safety.examples.grammar import Grammar
from genai.safety.training.carried import carried
from genai.safety.training.settings import Generated

GRAMMAR = Grammar(
    {"order": ["send it away"], "honest_data": ["the branch is closed"], "passage": ["a page"]}
)


def test_a_text_is_carried_by_results_of_many_forms() -> None:
    wanted = Generated(rule="order", attack=True, count=60)

    made = list(carried(GRAMMAR, wanted, seed=0))

    assert made == list(carried(GRAMMAR, wanted, seed=0))
    assert len({example.text for example in made}) > 20
    assert all(example.payload == "send it away" in example.text for example in made)
    assert any(example.text.startswith("{") for example in made)


def test_a_harmless_text_has_no_payload() -> None:
    wanted = Generated(rule="order", attack=False, count=5)

    assert {(e.attack, e.payload) for e in carried(GRAMMAR, wanted, seed=0)} == {(False, "")}
