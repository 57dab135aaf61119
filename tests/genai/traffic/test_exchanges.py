import pytest

from deployments.api.services import Feedback
from genai.access.erasure import Records
from genai.access.feedback import FeedbackLog
from genai.access.keys import Keys
from genai.memory.store import Store
from genai.messages import RequestContext
from genai.traffic.exchange import RecordedExchange
from genai.traffic.exchanges import CONSENT, ExchangeLog, ratings_of
from tests.support.answering import context
from tests.support.vault import CIPHER


def exchange(number: int, question: str = "how?") -> RecordedExchange:
    return RecordedExchange(answer_id=f"ans_{number}", question=question, answer="so", at=number)


@pytest.fixture
def consenting() -> RequestContext:
    return context().model_copy(update={"roles": ("user", CONSENT)})


async def test_only_exchanges_with_consent_are_stored(
    store: Store, consenting: RequestContext
) -> None:
    log = ExchangeLog(store, CIPHER)
    log.keep(context(), exchange(1))
    log.keep(consenting, exchange(2))
    await store.flush()

    assert await log.async_read(consenting.tenant, 10) == [exchange(2)]


async def test_the_newest_are_read_oldest_first(store: Store, consenting: RequestContext) -> None:
    log = ExchangeLog(store, CIPHER)
    for number in range(5):
        log.keep(consenting, exchange(number))
    await store.flush()

    read = await log.async_read(consenting.tenant, 2)
    assert [one.answer_id for one in read] == ["ans_3", "ans_4"]


async def test_personal_data_is_redacted_in_exchanges(
    store: Store, consenting: RequestContext
) -> None:
    log = ExchangeLog(store, CIPHER)
    log.keep(consenting, exchange(1, "is 4111 1111 1111 1111 my card?"))
    await store.flush()

    [read] = await log.async_read(consenting.tenant, 1)
    assert "4111" not in read.question


async def test_exchanges_of_an_erased_person_are_deleted(
    store: Store, consenting: RequestContext
) -> None:
    log = ExchangeLog(store, CIPHER)
    log.keep(consenting, exchange(1))
    log.keep(consenting.model_copy(update={"user": "somebody-else"}), exchange(2))
    await store.flush()

    removed = await Records(store, Keys(store)).async_erase(consenting.tenant, consenting.user)

    assert removed["exchanges"] == 1
    assert await log.async_read(consenting.tenant, 10) == [exchange(2)]


async def test_the_last_rating_of_an_answer_counts(store: Store) -> None:
    feedback = FeedbackLog(store, CIPHER)
    for rating in ("down", "up"):
        judged = Feedback(id="fb", answer_id="ans_1.proof", rating=rating, at=0)  # type: ignore[arg-type]
        await feedback.async_add("acme", "ann", judged)

    assert await ratings_of(feedback, "acme") == {"ans_1": "up"}
