from genai.reliability.retry_budget import ALWAYS, RetryBudget


def test_retries_stay_within_their_share_of_calls() -> None:
    budget, repeats = RetryBudget(0.1), 0
    for _ in range(1000):
        budget.call()
        repeats += budget.allows()

    assert repeats == 100


def test_a_service_with_little_traffic_may_retry() -> None:
    budget = RetryBudget(0.1)
    budget.call()

    assert [budget.allows() for _ in range(ALWAYS + 1)] == [True] * ALWAYS + [False]


def test_calls_and_retries_count_for_a_minute() -> None:
    now = 0.0
    budget = RetryBudget(0.1, clock=lambda: now)
    for _ in range(100):
        budget.call()
    assert sum(budget.allows() for _ in range(50)) == 10

    now = 61.0
    assert sum(budget.allows() for _ in range(50)) == ALWAYS
