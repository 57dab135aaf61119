from genai.safety.examples.grammar import load_grammar
from genai.safety.training.chatter import ATTACKS, chatter
from genai.safety.training.examples import GRAMMARS

GRAMMAR = load_grammar(sorted(GRAMMARS.glob("*.grammar")))
LISTS = (("uno", "dos", "tres"), ("yksi", "kaksi", "kolme"))


def test_half_of_it_is_harmless_and_half_has_an_attack_behind() -> None:
    found = chatter(GRAMMAR, LISTS, 200, seed=1)

    assert sum(e.attack for e in found) == 100
    assert all(e.attack == (e.source == ATTACKS) for e in found)


def test_a_harmless_text_is_of_one_language_and_of_nothing_else() -> None:
    for example in chatter(GRAMMAR, LISTS, 200, seed=1):
        if not example.attack:
            said = {word.strip(".!?,") for word in example.text.split()}
            assert said <= set(LISTS[0]) or said <= set(LISTS[1])


def test_the_same_seed_gives_the_same_texts() -> None:
    assert chatter(GRAMMAR, LISTS, 50, seed=1) == chatter(GRAMMAR, LISTS, 50, seed=1)
    assert chatter(GRAMMAR, LISTS, 50, seed=1) != chatter(GRAMMAR, LISTS, 50, seed=2)


def test_without_lists_there_is_none() -> None:
    assert chatter(GRAMMAR, (), 50, seed=1) == []
