import numpy as np
import pytest

from genai.promotion.live import LiveSettings, judge_live
from genai.traffic.observed import Observed

SETTINGS = LiveSettings(fewest=100, most=1000)


def traffic(
    count: int,
    seed: int,
    *,
    failing: float = 0.0,
    refused: float = 0.02,
    seconds: float = 0.2,
) -> list[Observed]:
    random = np.random.default_rng(seed)
    return [
        Observed(
            answer_id=f"{seed}-{n}",
            at=n,
            outcome="refused" if random.random() < refused else "answered",
            degraded=random.random() < failing,
            seconds=float(random.lognormal(np.log(seconds), 0.3)),
        )
        for n in range(count)
    ]


def test_an_equally_good_model_is_promoted_once_that_is_significant() -> None:
    champion, challenger = traffic(800, 1), traffic(800, 2)

    early = judge_live(SETTINGS, champion[:40], challenger[:40], {})
    assert early.action == "continue"
    assert judge_live(SETTINGS, champion, challenger, {}).action == "promote"


@pytest.mark.parametrize(
    ("worse", "because"),
    [({"failing": 0.2}, "errors"), ({"refused": 0.3}, "refusals"), ({"seconds": 0.6}, "seconds")],
)
def test_a_worse_model_is_stopped_early_with_the_reason(
    worse: dict[str, float], because: str
) -> None:
    verdict = judge_live(SETTINGS, traffic(200, 1), traffic(150, 2, **worse), {})

    assert verdict.action == "rollback"
    assert because in verdict.reason


def test_a_model_that_people_dislike_is_stopped() -> None:
    champion, challenger = traffic(200, 1), traffic(200, 2)
    ratings = {one.answer_id: "up" for one in champion[:30]}
    ratings |= {one.answer_id: "down" for one in challenger[:30]}

    verdict = judge_live(SETTINGS, champion, challenger, ratings)

    assert verdict.action == "rollback"
    assert "disliked" in verdict.reason


def test_a_comparison_that_stays_undecided_ends_in_a_rollback() -> None:
    unsure = LiveSettings(fewest=10, most=50)

    assert judge_live(unsure, traffic(50, 1), traffic(50, 2), {}).action == "rollback"


def test_repeated_looks_seldom_stop_a_good_model() -> None:
    stopped = 0
    for trial in range(100):
        champion, challenger = traffic(400, 2 * trial), traffic(400, 2 * trial + 1)
        looks = range(20, 401, 20)
        verdicts = (judge_live(SETTINGS, champion[:n], challenger[:n], {}) for n in looks)
        stopped += any(verdict.action == "rollback" for verdict in verdicts)

    assert stopped <= 5


def test_ten_requests_without_a_failure_prove_little() -> None:
    few = LiveSettings(fewest=10, most=1000)
    same = [Observed(answer_id=f"{n}", at=n, outcome="answered", seconds=0.2) for n in range(1000)]

    early = judge_live(few, same[:10], same[:10], {})

    assert early.action == "continue"
    assert "errors" in early.reason
    assert "seconds" not in early.reason  # these are all alike
    assert judge_live(few, same, same[:900], {}).action == "promote"
