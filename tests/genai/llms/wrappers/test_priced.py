import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, BudgetExceeded, DeadlineExceeded, GenAIError
from genai.llms.bounds import most_tokens_of
from genai.llms.failover.chain import FallbackLLM
from genai.llms.occupancy import Occupancy
from genai.llms.scripted import ScriptedLLM
from genai.llms.spent import set_spent, spent_by
from genai.llms.wrappers.priced import PricedLLM, Tariff
from genai.messages import Bill, ChatRequest, Sampling, Usage
from genai.settings.models import Price, ScriptedSettings
from tests.support.answering import context
from tests.support.language_models import FlakyLLM, chat_request, collect, collect_until_error


def priced(inner: BaseLLM | None = None, **price: float) -> PricedLLM:
    script = ScriptedSettings(backend="scripted", replies=("a b c",))
    return PricedLLM(inner or ScriptedLLM("script", script), Price.model_validate(price))


def allowed(micro_usd: int, max_tokens: int = 100) -> ChatRequest:
    bounded = context().model_copy(update={"allowance_micro_usd": micro_usd})
    return chat_request(context=bounded, sampling=Sampling(max_tokens=max_tokens))


async def test_cost_is_rounded_up_to_a_whole_millionth_of_a_dollar() -> None:
    said = await priced(output=0.15).async_chat(chat_request())

    assert said.usage.completion_tokens == 3
    assert said.usage.cost_micro_usd == 1


async def test_prompt_and_completion_tokens_have_separate_prices() -> None:
    said = await priced(input=2.0, output=10.0).async_chat(chat_request())

    assert said.usage.cost_micro_usd == said.usage.prompt_tokens * 2 + 30
    assert [(bill.model, bill.cost_micro_usd) for bill in said.usage.bills] == [
        ("script", said.usage.cost_micro_usd)
    ]


@pytest.mark.parametrize(("cached_price", "cost"), [({}, 200), ({"cached_input": 0.5}, 80)])
def test_a_cached_prompt_has_its_own_price_if_there_is_one(
    cached_price: dict[str, float], cost: int
) -> None:
    tariff = Tariff(Price.model_validate({"input": 2.0, **cached_price}))

    assert tariff.cost(Usage(prompt_tokens=100, cached_tokens=80), 0.0) == cost


async def test_a_stream_ends_with_its_cost() -> None:
    chunks = await collect(priced(output=1.0).async_stream(chat_request()))

    assert chunks[-1].usage is not None
    assert chunks[-1].usage.cost_micro_usd == 3


async def test_a_caller_who_leaves_a_stream_knows_its_cost_so_far() -> None:
    stream = priced(input=2.0, output=10.0).async_stream(chat_request())

    costs = [chunk.spent.cost_micro_usd for chunk in await collect(stream) if chunk.spent]

    prompt = costs[0]
    assert prompt > 0
    assert costs == [prompt, prompt + 10, prompt + 20, prompt + 30]


async def test_the_error_of_a_broken_stream_carries_its_cost() -> None:
    flaky = FlakyLLM(("two words", BackendFailed("broken")))

    _, error = await collect_until_error(priced(flaky, output=10.0).async_stream(chat_request()))

    spent = spent_by(error)
    assert spent is not None
    assert spent.cost_micro_usd == 10 * spent.completion_tokens > 0


async def test_a_refused_call_costs_nothing() -> None:
    flaky = FlakyLLM(BackendFailed("down"), BackendFailed("down"))
    llm = priced(flaky, input=2.0)

    _, error = await collect_until_error(llm.async_stream(chat_request()))
    with pytest.raises(BackendFailed) as raised:
        await llm.async_chat(chat_request())

    assert spent_by(error) == spent_by(raised.value) == Usage()


class Ended(FlakyLLM):
    """A whole call that fails, and may know what it had made."""

    def __init__(self, error: GenAIError, made: int | None) -> None:
        super().__init__(error)
        if made is not None:
            set_spent(error, Usage(completion_tokens=made))


@pytest.mark.parametrize(
    ("made", "paid"), [(7, Usage(completion_tokens=7, cost_micro_usd=70)), (None, None)]
)
async def test_a_whole_call_that_is_cut_off_costs_what_its_model_reports(
    made: int | None, paid: Usage | None
) -> None:
    chain = FallbackLLM([priced(Ended(DeadlineExceeded("late"), made), output=10.0)])

    with pytest.raises(DeadlineExceeded) as raised:
        await chain.async_chat(chat_request())

    spent = spent_by(raised.value)
    assert (spent and spent.model_copy(update={"bills": ()})) == paid


async def test_the_cost_of_a_call_that_was_cut_off_stays_unknown_after_a_fallback() -> None:
    broken = priced(Ended(BackendFailed("broke off"), 3), output=10.0)
    chain = FallbackLLM([broken, priced(Ended(DeadlineExceeded("late"), None), output=1.0)])

    with pytest.raises(DeadlineExceeded) as raised:
        await chain.async_chat(chat_request())

    assert spent_by(raised.value) is None


async def test_the_cost_of_a_chain_includes_each_model() -> None:
    broken = priced(FlakyLLM(("two words", BackendFailed("x")), name="broken"), output=10.0)
    steady = priced(FlakyLLM("and three more", name="steady", continues=True), output=1.0)
    chain = FallbackLLM([broken, steady])

    chunks = await collect(chain.async_stream(chat_request()))

    usage = chunks[-1].usage
    assert usage is not None
    paid = {bill.model: bill.cost_micro_usd for bill in usage.bills}
    assert paid["broken"] > 0
    assert paid["steady"] > 0
    assert usage.cost_micro_usd == sum(paid.values())


async def test_the_next_model_gets_the_allowance_that_is_left() -> None:
    broken = priced(FlakyLLM(("two words", BackendFailed("x")), name="broken"), output=10.0)
    steady = FlakyLLM("three", name="steady", continues=True)
    chain = FallbackLLM([broken, priced(steady, output=1.0)])

    await collect(chain.async_stream(allowed(1000)))

    lost = 1000 - (steady.requests[0].context.allowance_micro_usd or 0)
    assert lost % 10 == 0
    assert lost > 0


async def test_an_answer_is_limited_to_what_the_allowance_pays_for() -> None:
    script = ScriptedSettings(backend="scripted", tokens=1000)
    llm = PricedLLM(ScriptedLLM("script", script), Price(input=1.0, output=10.0))
    prompt = most_tokens_of(allowed(0))

    said = await llm.async_chat(allowed(prompt + 75))

    assert said.usage.completion_tokens == 7
    assert said.finish_reason == "length"
    assert said.usage.cost_micro_usd <= prompt + 75


async def test_no_call_is_made_without_an_allowance_for_the_prompt() -> None:
    flaky = FlakyLLM("never said")
    llm = priced(flaky, input=1.0, output=10.0)

    with pytest.raises(BudgetExceeded):
        await llm.async_chat(allowed(most_tokens_of(allowed(0)) + 9))

    assert flaky.requests == []


async def test_the_shares_of_a_machine_add_up_to_its_busy_time() -> None:
    now = 0.0
    machine = Occupancy(lambda: now)
    with machine.entered() as alone:
        now += 4
        with machine.entered() as second:
            now += 6
            shares = (alone(), second())
        now += 2
        last = alone()
    now += 100
    with machine.entered() as later:
        now += 1
        after = later()

    assert shares == (7, 3)
    assert (last, after) == (9, 1)


async def test_machine_time_has_a_price() -> None:
    now = 0.0

    class Slow(FlakyLLM):
        async def async_chat(self, request: ChatRequest):  # type: ignore[no-untyped-def]
            nonlocal now
            now += 9.0
            return await super().async_chat(request)

    llm = PricedLLM(Slow("done"), Price(per_hour=2.0), clock=lambda: now)

    said = await llm.async_chat(chat_request())

    assert said.usage.cost_micro_usd == 5000
    assert said.usage.bills == (
        Bill(
            model="flaky",
            prompt_tokens=said.usage.prompt_tokens,
            completion_tokens=said.usage.completion_tokens,
            cost_micro_usd=5000,
        ),
    )
