import pytest

from genai.memory.suspicion import STRIKES, NotAsked, Suspicion


def test_failures_in_a_row_make_it_certain() -> None:
    suspicion = Suspicion(0.5, clock=lambda: 1.0)
    for _ in range(STRIKES):
        suspicion.refuse_while_down()
        suspicion.strike(suspicion.strikes)

    with pytest.raises(NotAsked):
        suspicion.refuse_while_down()


def test_what_failed_at_the_same_time_counts_once() -> None:
    suspicion = Suspicion(0.5)
    for _ in range(2 * STRIKES):
        suspicion.strike(0)

    assert not suspicion.certain


def test_what_was_sent_to_a_suspected_redis_counts_once_if_it_answered_others_meanwhile() -> None:
    suspicion = Suspicion(0.5)
    for sent in range(STRIKES - 1):
        suspicion.strike(sent)
    strikes_when_sent = suspicion.strikes

    suspicion.clear(0.17)
    suspicion.strike(strikes_when_sent)

    assert suspicion.strikes == 1
