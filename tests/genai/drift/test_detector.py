import numpy as np
import pytest

from genai.drift.detector import DriftSettings, detect
from genai.drift.energy import between_points, discoveries, p_value
from genai.traffic.observed import Observed

SETTINGS = DriftSettings(at_most=120)


def traffic(
    count: int,
    seed: int,
    *,
    topic: float = 0.0,
    longer: float = 1.0,
    refused: float = 0.02,
    agents: float = 0.3,
    slower: float = 1.0,
) -> list[Observed]:
    """Two topics, routes, and everything of which a live window is made."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(3, 32))
    found = []
    for n in range(count):
        about = 2 if random.random() < topic else int(random.integers(2))
        found.append(
            Observed(
                at=n,
                outcome="refused" if random.random() < refused else "answered",
                route="agent" if random.random() < agents else "rag",
                seconds=float(random.lognormal(-1, 0.4)) * slower,
                input_chars=int(random.lognormal(4, 0.5) * longer),
                output_chars=int(random.lognormal(5, 0.3)),
                cost_usd=float(random.exponential(0.001)),
                score=float(random.beta(8, 2)),
                embedding=tuple(centres[about] + random.normal(0, 0.8, 32)),
            )
        )
    return found


REFERENCE = traffic(1000, 0)


def test_twenty_windows_of_the_same_traffic_raise_no_alarm() -> None:
    random = np.random.default_rng(5)
    for seed in range(20):
        window = [REFERENCE[i] for i in random.choice(1000, 200, replace=True)]
        settings = SETTINGS.model_copy(update={"seed": seed})

        assert not detect(settings, REFERENCE, window).alarm


@pytest.mark.parametrize(
    ("shift", "moved"),
    [
        ({"topic": 0.5}, "topics"),
        ({"longer": 2.0}, "question_length"),
        ({"refused": 0.35}, "outcome"),
        ({"agents": 0.8}, "route"),
        ({"slower": 2.0}, "seconds"),
    ],
)
def test_a_real_shift_raises_an_alarm_within_one_window(
    shift: dict[str, float], moved: str
) -> None:
    report = detect(SETTINGS, REFERENCE, traffic(200, 99, **shift))

    assert report.moved == (moved,)


def test_the_rate_of_false_alarms_is_the_configured_one() -> None:
    settings = DriftSettings(at_most=60, false_alarms=0.1)
    alarms = sum(
        detect(settings, traffic(60, 2 * n), traffic(60, 2 * n + 1)).alarm for n in range(60)
    )

    assert alarms <= 13  # of 60, with 6 expected; more happens in one case of 200


def test_p_values_are_uniform_without_drift() -> None:
    random = np.random.default_rng(1)
    found = [
        p_value(between_points(random.normal(size=(40, 3))), 20, shuffles=199, random=random)
        for _ in range(100)
    ]

    assert np.mean(found) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.asarray(found) <= 0.1) == pytest.approx(0.1, abs=0.08)


def test_features_with_few_values_are_skipped_and_named() -> None:
    blind = [one.model_copy(update={"embedding": (), "score": None}) for one in traffic(200, 3)]

    report = detect(SETTINGS, REFERENCE, blind)

    assert report.skipped == ("score", "topics")


def test_the_more_is_looked_at_the_more_is_asked_of_each() -> None:
    assert discoveries({"a": 0.02, "b": 0.9, "c": 0.9}, 0.05) == {
        "a": False,
        "b": False,
        "c": False,
    }
    assert discoveries({"a": 0.01, "b": 0.9, "c": 0.9}, 0.05)["a"]
    assert all(discoveries({"a": 0.04, "b": 0.03, "c": 0.02}, 0.05).values())
