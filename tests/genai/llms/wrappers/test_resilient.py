import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, CircuitOpen, DeadlineExceeded, InvalidInput, Overloaded
from genai.llms.spent import note_spent, spent_by
from genai.llms.wrappers.resilient import BulkheadLLM, CircuitBreakerLLM, RetryingLLM
from genai.messages import Usage
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit, CircuitState
from genai.reliability.retry_budget import RetryBudget
from tests.support.answering import context
from tests.support.language_models import FlakyLLM, chat_request, collect, text_of

DOWN = BackendFailed("down")


class Retry:
    """A retrying model whose waits are kept instead of waited."""

    def __init__(self, inner: BaseLLM, retries: int = 2) -> None:
        self.waits: list[float] = []
        backoff = Backoff(base_s=1.0, max_s=8.0, draw=lambda: 1.0)
        self.llm = RetryingLLM(
            inner,
            retries=retries,
            backoff=backoff,
            budget=RetryBudget(0.1),
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


async def test_a_failed_call_is_retried_with_backoff() -> None:
    retry = Retry(FlakyLLM(DOWN, DOWN, "hello"))

    said = await retry.llm.async_chat(chat_request())

    assert said.text == "hello"
    assert retry.waits == [1.0, 2.0]


async def test_the_last_error_is_raised_when_the_tries_are_used_up() -> None:
    inner = FlakyLLM(DOWN, DOWN, DOWN, "never")

    with pytest.raises(BackendFailed):
        await Retry(inner).llm.async_chat(chat_request())
    assert len(inner.requests) == 3


async def test_errors_that_are_not_retryable_are_not_retried() -> None:
    for error in (BackendFailed("no key", False), InvalidInput("no"), DeadlineExceeded("late")):
        inner = FlakyLLM(error, "never")

        with pytest.raises(type(error)):
            await Retry(inner).llm.async_chat(chat_request())
        assert len(inner.requests) == 1


def broken_off(cost: int) -> BackendFailed:
    """As a model fails of whose answer a part has to be paid."""
    error = BackendFailed("broke off")
    note_spent(error, Usage(completion_tokens=cost))
    return error


async def test_the_usage_of_failed_tries_is_added_to_the_answer() -> None:
    said = await Retry(FlakyLLM(broken_off(5), DOWN, "hello")).llm.async_chat(chat_request())

    assert said.usage.completion_tokens == 5 + 1


async def test_the_usage_of_failed_tries_is_added_to_a_stream() -> None:
    retry = Retry(FlakyLLM(broken_off(5), broken_off(6), "hello there"))

    chunks = await collect(retry.llm.async_stream(chat_request()))

    spent = [chunk.spent.completion_tokens for chunk in chunks if chunk.spent is not None]
    assert spent == [11 + 1, 11 + 3]
    assert chunks[-1].usage == Usage(completion_tokens=11 + 1)


async def test_the_last_error_of_a_stream_carries_the_usage_of_all_tries() -> None:
    failing = Retry(FlakyLLM(broken_off(5), broken_off(6), broken_off(7)))
    breaking_later = Retry(FlakyLLM(broken_off(5), ("hello", broken_off(7))))

    for retry, tokens in ((failing, 5 + 6 + 7), (breaking_later, 5 + 7)):
        with pytest.raises(BackendFailed) as caught:
            await collect(retry.llm.async_stream(chat_request()))
        spent = spent_by(caught.value)
        assert spent is not None
        assert spent.completion_tokens == tokens


async def test_a_paid_stream_is_not_retried_when_money_is_limited() -> None:
    limited = context().model_copy(update={"allowance_micro_usd": 100})
    broken = FlakyLLM(broken_off(5), "never")

    with pytest.raises(BackendFailed):
        await collect(Retry(broken).llm.async_stream(chat_request(context=limited)))

    assert len(broken.requests) == 1


async def test_the_last_error_carries_the_usage_of_all_tries() -> None:
    with pytest.raises(BackendFailed) as caught:
        await Retry(FlakyLLM(broken_off(5), broken_off(6), broken_off(7))).llm.async_chat(
            chat_request()
        )

    spent = spent_by(caught.value)
    assert spent is not None
    assert spent.completion_tokens == 5 + 6 + 7


async def test_a_paid_call_is_not_retried_when_money_is_limited() -> None:
    limited = context().model_copy(update={"allowance_micro_usd": 100})
    turned_away, broken = FlakyLLM(DOWN, "hello"), FlakyLLM(broken_off(5), "never")

    said = await Retry(turned_away).llm.async_chat(chat_request(context=limited))
    with pytest.raises(BackendFailed):
        await Retry(broken).llm.async_chat(chat_request(context=limited))

    assert said.text == "hello"
    assert len(broken.requests) == 1


async def test_retry_after_is_obeyed() -> None:
    busy = Overloaded("busy")
    busy.retry_after_s = 4.0
    retry = Retry(FlakyLLM(busy, "hello"))

    await retry.llm.async_chat(chat_request())

    assert retry.waits == [5.0]


async def test_no_retry_waits_beyond_the_deadline() -> None:
    busy = Overloaded("busy")
    busy.retry_after_s = 60.0
    retry = Retry(FlakyLLM(busy, "never"))

    with pytest.raises(Overloaded):
        await retry.llm.async_chat(chat_request(context=context(within_s=5)))
    assert retry.waits == []


async def test_a_stream_is_retried_only_before_its_first_part() -> None:
    before = Retry(FlakyLLM(DOWN, "hello there"))
    after = Retry(FlakyLLM(("hello", DOWN), "never"))

    assert text_of(await collect(before.llm.async_stream(chat_request()))) == "hello there "
    with pytest.raises(BackendFailed):
        await collect(after.llm.async_stream(chat_request()))


def breaking(inner: BaseLLM) -> CircuitBreakerLLM:
    return CircuitBreakerLLM(inner, Circuit(failures=2, cooldown_s=60.0))


async def test_an_open_circuit_fails_at_once_with_retry_after() -> None:
    inner = FlakyLLM(DOWN, DOWN, "never")
    llm = breaking(inner)
    for _ in range(2):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request())

    with pytest.raises(CircuitOpen) as caught:
        await collect(llm.async_stream(chat_request()))

    assert 1 <= caught.value.retry_after_s <= 60
    assert len(inner.requests) == 2


async def test_a_stream_that_breaks_counts_as_a_failure() -> None:
    llm = breaking(FlakyLLM(("one", DOWN), ("one", DOWN)))

    for _ in range(2):
        with pytest.raises(BackendFailed):
            await collect(llm.async_stream(chat_request()))

    assert llm.circuit.state is CircuitState.OPEN


async def test_callers_errors_and_deadlines_open_no_circuit() -> None:
    llm = breaking(FlakyLLM(*[InvalidInput("no"), DeadlineExceeded("late")] * 2))

    for error in (InvalidInput, DeadlineExceeded) * 2:
        with pytest.raises(error):
            await llm.async_chat(chat_request())

    assert llm.circuit.state is CircuitState.CLOSED


async def test_a_probe_whose_caller_leaves_does_not_block_the_next() -> None:
    circuit = Circuit(failures=1, cooldown_s=0.0)
    llm = CircuitBreakerLLM(FlakyLLM(DOWN, "one two", "hello"), circuit)
    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())

    probe = llm.async_stream(chat_request())
    await anext(probe)
    await probe.aclose()  # type: ignore[attr-defined]

    assert (await llm.async_chat(chat_request())).text == "hello"


async def test_all_calls_share_the_retry_budget() -> None:
    backoff = Backoff(base_s=0.001, max_s=0.001)
    inner = FlakyLLM(*[DOWN] * 300)
    llm = RetryingLLM(inner, retries=2, backoff=backoff, budget=RetryBudget(0.1))

    for _ in range(100):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request())

    assert len(inner.requests) <= 110


async def test_backoff_has_full_jitter() -> None:
    draws = iter([0.0, 0.25, 1.0])
    backoff = Backoff(base_s=1.0, max_s=8.0, draw=lambda: next(draws))

    assert [backoff.delay_s(tries) for tries in (3, 3, 3)] == [0.0, 1.0, 4.0]


async def test_a_full_bulkhead_refuses_at_once() -> None:
    llm = BulkheadLLM(FlakyLLM("one two", "three", "four"), max_calls=1)
    stream = llm.async_stream(chat_request())
    await anext(stream)

    with pytest.raises(Overloaded):
        await llm.async_chat(chat_request())
    with pytest.raises(Overloaded):
        await collect(llm.async_stream(chat_request()))

    await stream.aclose()  # type: ignore[attr-defined]
    assert (await llm.async_chat(chat_request())).text == "three"


async def test_a_place_of_a_bulkhead_is_free_again_after_a_failure() -> None:
    llm = BulkheadLLM(FlakyLLM(DOWN, "hello"), max_calls=1)

    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())

    assert (await llm.async_chat(chat_request())).text == "hello"
