import pytest

from genai.memory.failure_detector import STRIKES, FailureDetector, NotSent


def test_redis_is_down_after_failures_in_a_row() -> None:
    detector = FailureDetector(0.5, clock=lambda: 1.0)
    for _ in range(STRIKES):
        detector.refuse_while_down()
        detector.strike(detector.strikes)

    with pytest.raises(NotSent):
        detector.refuse_while_down()


def test_simultaneous_failures_count_once() -> None:
    detector = FailureDetector(0.5)
    for _ in range(2 * STRIKES):
        detector.strike(0)

    assert not detector.is_down


def test_failures_sent_before_a_recovery_count_once() -> None:
    detector = FailureDetector(0.5)
    for sent in range(STRIKES - 1):
        detector.strike(sent)
    strikes_when_sent = detector.strikes

    detector.clear(0.17)
    detector.strike(strikes_when_sent)

    assert detector.strikes == 1
