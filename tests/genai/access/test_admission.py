import pytest

from genai.access.admission import Admission
from genai.access.demand import Demand
from genai.access.limits import OverLimit
from genai.access.principal import Principal
from genai.access.usage import UsageLedger, UsageRow
from genai.memory.store import Store
from genai.messages import Usage
from genai.settings.access import LimitSettings
from tests.support.limiters import limiter_on

ANN = Principal(key_id="k1", tenant="acme", user="ann")


@pytest.fixture
def ledger(store: Store) -> UsageLedger:
    return UsageLedger(store)


@pytest.fixture
def admission(store: Store, ledger: UsageLedger) -> Admission:
    return Admission(limiter_on(store, LimitSettings(tokens_per_minute=100)), ledger)


async def usage(ledger: UsageLedger) -> UsageRow:
    (row,) = await ledger.async_report(ANN, days=1)
    return row


async def test_a_settled_request_is_charged_once(admission: Admission, ledger: UsageLedger) -> None:
    permit = await admission.async_admit(ANN, Demand("bank", 80), request_id="r1")
    used = Usage(prompt_tokens=10, completion_tokens=20, cost_micro_usd=3)

    await permit.async_settle(used)
    await permit.async_settle(used)

    row = await usage(ledger)
    assert (row.requests, row.prompt_tokens, row.completion_tokens) == (1, 10, 20)
    next_one = await admission.async_admit(ANN, Demand("bank", 70), request_id="r2")
    assert dict(next_one.headers)["x-ratelimit-remaining-tokens"] == "0"


async def test_the_estimate_is_charged_if_the_usage_is_unknown(
    admission: Admission, ledger: UsageLedger
) -> None:
    permit = await admission.async_admit(ANN, Demand("bank", 80), request_id="r1")

    await permit.async_settle(None)

    assert (await usage(ledger)).prompt_tokens == 80
    with pytest.raises(OverLimit):
        await admission.async_admit(ANN, Demand("bank", 21), request_id="r2")
