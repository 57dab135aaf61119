from dataclasses import fields, replace

import pytest

from genai.rag.confidence import Features, confidence, load_weights

LIKELY = Features(0.6, 0.7, 0.6, 0.7, 0.7, 0.0, 1.0, asked=0.8, unanswered=0.3)


@pytest.mark.parametrize("hinted", [True, False])
def test_what_is_near_in_meaning_and_words_is_more_likely_an_answer(hinted: bool) -> None:
    far = Features(0.1, 0.2, 0.1, 0.1, 0.1, 0.0, 1.0, asked=0.3, unanswered=0.3)

    assert confidence(LIKELY, hinted=hinted) > 0.8
    assert confidence(far, hinted=hinted) < 0.2


def test_a_question_nearer_to_one_without_an_answer_is_doubted() -> None:
    mistaken = replace(LIKELY, unanswered=0.9, mistaken=0.1)

    assert confidence(mistaken, hinted=True) < 0.7 * confidence(LIKELY, hinted=True)


def test_every_weight_belongs_to_a_feature() -> None:
    known = {field.name for field in fields(Features)} | {"intercept"}

    for weights in load_weights().values():
        assert weights.keys() <= known
