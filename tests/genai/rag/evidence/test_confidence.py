from dataclasses import replace

import pytest

from genai.rag.demands.measures import Missed
from genai.rag.demands.unmet import Unmet
from genai.rag.evidence.confidence import DOUBTS, AnswerFeatures, confidence, load_weights
from genai.rag.evidence.support import Lacks

LIKELY = AnswerFeatures(
    0.6, 0.7, 0.6, 0.7, 0.7, 0.0, 1.0, asked=0.8, unanswered=0.3, asked_here=0.8, asked_alike=0.75
)


@pytest.mark.parametrize("hinted", [True, False])
def test_what_is_near_in_meaning_and_words_is_more_likely_an_answer(hinted: bool) -> None:
    lacks = Lacks(passage=0.9, known=0.9, exactly=0.9, unit=0.9, nearest=0.9, thing=0.9)
    far = AnswerFeatures(0.1, 0.2, 0.1, 0.1, 0.1, 0.0, 1.0, asked=0.3, unanswered=0.3, lacks=lacks)

    assert confidence(LIKELY, hinted=hinted) > 0.8
    assert confidence(far, hinted=hinted) < 0.2


def test_a_question_nearer_to_one_without_an_answer_is_doubted() -> None:
    mistaken = replace(LIKELY, unanswered=0.9, mistaken=0.1)

    assert confidence(mistaken, hinted=True) < 0.7 * confidence(LIKELY, hinted=True)


@pytest.mark.parametrize(
    "doubtful",
    [
        replace(LIKELY, other_product=0.75),
        replace(LIKELY, lacks=Lacks(other_name=0.5)),
        replace(LIKELY, unmet=Unmet(uncounted=0.9)),
        replace(LIKELY, unmet=Unmet(another_place=1.0)),
        replace(LIKELY, missed=Missed(measure=1.0)),
        replace(LIKELY, missed=Missed(period=1.0)),
    ],
)
@pytest.mark.parametrize("hinted", [True, False])
def test_a_demand_that_is_not_met_is_held_against_an_answer(
    doubtful: AnswerFeatures, hinted: bool
) -> None:
    assert confidence(doubtful, hinted=hinted) < confidence(LIKELY, hinted=hinted)


def test_every_weight_belongs_to_a_feature_and_no_doubt_has_one() -> None:
    known = (LIKELY.named().keys() - DOUBTS.keys()) | {"scale", "intercept"}

    for weights in load_weights().values():
        assert weights.keys() <= known
