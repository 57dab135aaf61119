import pytest
from pydantic import ValidationError

from genai.messages import Bill, Citation, Message, RequestContext, Usage
from tests.support.answering import context


def bill(model: str, tokens: int = 1, cost: int = 10) -> Bill:
    return Bill(
        model=model,
        prompt_tokens=tokens,
        cached_tokens=2 * tokens,
        completion_tokens=3 * tokens,
        cost_micro_usd=cost,
    )


def test_a_request_has_time_until_its_deadline_and_never_less_than_none() -> None:
    assert 0 < context(within_s=1000.0).remaining_s() <= 1000.0
    assert context(within_s=-1000.0).remaining_s() == 0.0


@pytest.mark.parametrize(
    ("allowance", "spent", "left"),
    [(100, 30, 70), (100, 0, 100), (100, 200, 0), (None, 30, None)],
)
def test_what_was_spent_is_taken_from_the_allowance(
    allowance: int | None, spent: int, left: int | None
) -> None:
    before = context().model_copy(update={"allowance_micro_usd": allowance})

    assert before.less(spent) == before.model_copy(update={"allowance_micro_usd": left})


def test_usage_adds_up_and_so_do_the_bills_of_each_model() -> None:
    one = Usage(
        prompt_tokens=1,
        completion_tokens=2,
        cost_micro_usd=3,
        cached_tokens=4,
        bills=(bill("a"), bill("b")),
    )
    other = Usage(prompt_tokens=10, completion_tokens=20, bills=(bill("b", 5, 7), bill("c")))

    both = one + other

    assert (both.prompt_tokens, both.completion_tokens, both.total_tokens) == (11, 22, 33)
    assert (both.cost_micro_usd, both.cached_tokens) == (3, 4)
    assert both.bills == (bill("a"), bill("b", 6, 17), bill("c"))


def test_nothing_is_added_to_a_usage_by_one_without_bills() -> None:
    used = Usage(prompt_tokens=1, bills=(bill("a"),))

    assert used + Usage() == Usage() + used == used


def test_values_are_frozen_and_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(ValidationError, match="contnet"):
        Message.model_validate({"role": "user", "contnet": "hi"})
    with pytest.raises(ValidationError, match="frozen"):
        Citation(document_id="d", title="t", quote="q").title = "other"  # type: ignore[misc]


def test_a_context_survives_the_way_to_another_process() -> None:
    sent = context().model_copy(update={"roles": ("user",), "allowance_micro_usd": 7})

    assert RequestContext.model_validate_json(sent.model_dump_json()) == sent
