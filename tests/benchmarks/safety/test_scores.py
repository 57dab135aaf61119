from benchmarks.safety.scores import Score, scores
from benchmarks.safety.texts import harmless, specimens
from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import Place, places

RECOGNIZERS = (Identifiers(),)


def labelled(text: str, value: str, entity: str) -> tuple[str, list[Place]]:
    start = text.index(value)
    return text, [(start, start + len(value), entity)]


def test_every_kind_of_number_is_found_in_every_surrounding() -> None:
    texts = [labelled(s.text, s.value, s.entity) for s in specimens(seed=7, each=40)]

    weak = [s for s in scores(texts, RECOGNIZERS) if min(s.precision, s.recall) < 0.95]

    assert weak == []


def test_order_numbers_amounts_dates_and_hashes_are_left_alone() -> None:
    masked = [s.text for s in harmless(seed=7, count=2000) if places(s.text, RECOGNIZERS)]

    assert len(masked) <= 10


def test_a_span_with_a_wrong_end_is_both_missed_and_a_false_alarm() -> None:
    card = "4111 1111 1111 1111"

    (score,) = scores([(card, [(0, 4, "CREDIT_CARD")])], RECOGNIZERS)

    assert score == Score("CREDIT_CARD", found=0, missed=1, wrong=1)
    assert (score.precision, score.recall) == (0.0, 0.0)
