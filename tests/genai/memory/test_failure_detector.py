import pytest

from genai.memory.failure_detector import STRIKES, FailureDetector, NotSent


def test_failures_in_a_row_make_it_certain() -> None:
    detector = FailureDetector(0.5, clock=lambda: 1.0)
    for _ in range(STRIKES):
        detector.refuse_while_down()
        detector.strike(detector.strikes)

    with pytest.raises(NotSent):
        detector.refuse_while_down()


def test_what_failed_at_the_same_time_counts_once() -> None:
    detector = FailureDetector(0.5)
    for _ in range(2 * STRIKES):
        detector.strike(0)

    assert not detector.is_down


def test_what_was_sent_to_a_suspected_redis_counts_once_if_it_answered_others_meanwhile() -> None:
    detector = FailureDetector(0.5)
    for sent in range(STRIKES - 1):
        detector.strike(sent)
    strikes_when_sent = detector.strikes

    detector.clear(0.17)
    detector.strike(strikes_when_sent)

    assert detector.strikes == 1
