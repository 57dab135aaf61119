import pytest

from deployments.launch import age_s, interrupt


def test_a_signal_is_heard_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt()

    assert capfd.readouterr().out == "\nStopping ...\n"


def test_the_start_is_counted_from_the_command() -> None:
    first = age_s()

    assert 0 < first <= age_s()
