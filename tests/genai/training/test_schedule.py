from pathlib import Path

from genai.training.schedule import learning_rate
from tests.support.training import tuning

NOWHERE = Path("nowhere")


def rates(**fields: object) -> list[float]:
    known = {"learning_rate": 1.0, "warmup_share": 0.1, "final_share": 0.1}
    settings = tuning(NOWHERE, NOWHERE, **known | fields)
    return [learning_rate(settings, step, 100) for step in range(100)]


def test_the_rate_decays_after_its_warm_up() -> None:
    found = rates()

    assert found[:10] == sorted(found[:10])
    assert found[10:] == sorted(found[10:], reverse=True)
    assert found[-1] < 0.11


def test_with_decay_share_the_rate_is_constant_until_its_last_part() -> None:
    found = rates(decay_share=0.4)

    assert set(found[10:61]) == {1.0}
    assert found[60:] == sorted(found[60:], reverse=True)
    assert 0.1 < found[-1] < 0.13
