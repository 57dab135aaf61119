from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.traffic.log import SERVICE, TrafficLog, observed_of, row_of
from genai.traffic.observed import Observed

PLAIN = Observed(
    answer_id="ans_d93f0ec8a2de4dd7b3f2c9a0c1f4a5b6",
    at=1_796_031_667.6031,
    outcome="answered",
    route="chat",
    model="bank",
    seconds=0.3691,
    prompt_tokens=6,
    completion_tokens=12,
    input_chars=17,
    output_chars=54,
)
SAMPLED = PLAIN.model_copy(update={"score": 0.0, "embedding": (0.25, -1.5)})
FAILED = Observed(at=1.0, outcome="failed", code="backend_failed", seconds=2.0)


async def test_what_was_noted_is_read_as_it_was(store: Store) -> None:
    log = TrafficLog(store)

    for observed in (PLAIN, SAMPLED, FAILED):
        log.note(observed)
    await store.flush()

    assert await log.async_read() == [PLAIN, SAMPLED, FAILED]


async def test_what_another_version_noted_is_passed_over(store: Store) -> None:
    key = key_of(SERVICE, "traffic")
    log = TrafficLog(store)

    await store.run(Command(("XADD", key, "*", "json", b'{"at": 1.0}'), bytes))
    log.note(PLAIN)
    await store.flush()

    assert await log.async_read() == [PLAIN]


def test_an_entry_costs_little_more_than_its_values() -> None:
    assert len(row_of(PLAIN)) < 130
    assert observed_of(row_of(PLAIN)) == PLAIN


def test_times_are_rounded_to_what_anybody_compares() -> None:
    exact = PLAIN.model_copy(update={"at": 1_796_031_667.603_123_4, "seconds": 0.369_106_242})

    assert observed_of(row_of(exact)) == PLAIN
