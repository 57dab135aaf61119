"""Clients that leave a request with an `Idempotency-Key` and come back for it, at either of two ingresses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from genai.memory.connection import connect
from genai.settings.state import RedisSettings
from tests.support.asgi import Exchange
from tests.support.redis_server import RedisServer
from tests.support.sse import parse_events
from tests.support.two_ingresses import (
    PATIENCE_S,
    PRICE,
    WORDS,
    Provider,
    TwoIngresses,
    answered,
    left,
    until_written,
)
from tests.support.whole_app import Loop, running_loop

WHOLE = len(WORDS) * PRICE


@pytest.fixture
async def two(redis_client: Redis) -> AsyncIterator[TwoIngresses]:
    two = TwoIngresses(redis_client)
    yield two
    two.provider.let_all()
    await two.close()


async def became(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.01)


async def begun(two: TwoIngresses, exchange: Exchange, words: int = 2) -> bytes:
    two.provider.let(words)
    return await until_written(exchange, words)


@pytest.mark.parametrize("where", [0, 1])
async def test_a_stream_that_its_client_left_goes_on_and_is_repeated_whole(
    two: TwoIngresses, where: int
) -> None:
    first = two.replicas[0].ask()
    seen = await begun(two, first)
    await left(first)
    two.provider.let_all()
    again = await answered(two.replicas[where].ask())

    assert again.startswith(seen)
    assert [name for name, _ in parse_events(again)] == ["token"] * len(WORDS) + ["done"]
    assert two.provider.runs == 1
    assert await two.charged() == two.provider.bill == WHOLE


@pytest.mark.parametrize("where", [0, 1])
async def test_who_comes_back_early_gets_the_stream_from_its_beginning_while_it_is_made(
    two: TwoIngresses, where: int
) -> None:
    first = two.replicas[0].ask()
    seen = await begun(two, first)
    await left(first)
    again = two.replicas[where].ask()

    assert await until_written(again, 2) == seen
    two.provider.let()
    await until_written(again, 3)
    two.provider.let_all()
    assert await answered(again) == await answered(two.replicas[1 - where].ask())
    assert two.provider.runs == 1


async def test_those_who_join_do_not_disturb_the_first(two: TwoIngresses) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    others = [two.replicas[number % 2].ask() for number in range(4)]
    for other in others:
        await until_written(other, 2)
    await left(others.pop())
    two.provider.let_all()
    whole = await answered(first)

    assert [await answered(other) for other in others] == [whole] * 3
    assert two.provider.runs == 1
    assert await two.charged() == WHOLE


@pytest.mark.parametrize("where", [0, 1])
async def test_so_does_a_whole_answer(two: TwoIngresses, where: int) -> None:
    first = two.replicas[0].ask(stream=False)
    await became(lambda: two.provider.running == 1)
    await left(first)
    again = two.replicas[where].ask(stream=False)
    two.provider.let_all()
    body = await answered(again)

    assert again.status == 200
    assert b'"id":"ans_1' in body
    assert two.provider.runs == 1
    assert await two.charged() == WHOLE


async def test_without_a_key_the_stream_is_stopped_and_charged_what_was_made(
    two: TwoIngresses,
) -> None:
    first = two.replicas[0].ask(key=None)
    await begun(two, first)
    await left(first)

    assert two.provider.running == 0
    assert await two.charged() == two.provider.bill == 2 * PRICE


async def test_whoever_has_left_still_takes_a_place(two: TwoIngresses) -> None:
    replica = two.replicas[0]
    first = replica.ask()
    await begun(two, first)
    await left(first)
    assert not replica.idle
    two.provider.let_all()

    await became(lambda: replica.idle)


async def test_other_bodies_and_other_people_do_not_join(two: TwoIngresses) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    other_body = two.replicas[1].ask(input="What does a loan cost?")
    whole = two.replicas[1].ask(stream=False)
    await answered(other_body)
    await answered(whole)
    of_others = [two.replicas[1].ask(user=key) for key in ("sk-other", "sk-user")]
    chat = two.replicas[1].ask(path="/v1/embeddings", **{"model": "all-MiniLM-L6-v2", "input": "x"})
    two.provider.let_all()
    bodies = [await answered(exchange) for exchange in (first, *of_others)]

    assert (other_body.status, whole.status) == (422, 422)
    assert len(set(bodies)) == 3
    assert two.provider.runs == 3
    assert b"idempotency" not in await answered(chat)
    assert await two.charged("other", "bob") == await two.charged("bank", "eve") == WHOLE


async def test_an_answer_that_failed_runs_again_and_each_is_charged_what_it_took(
    two: TwoIngresses,
) -> None:
    two.provider.fails_after = 3
    first = two.replicas[0].ask()
    await begun(two, first)
    joined = two.replicas[1].ask()
    await until_written(joined, 2)
    two.provider.let_all()
    failed = [await answered(first), await answered(joined)]
    two.provider.fails_after = None
    again = await answered(two.replicas[1].ask())

    assert [parse_events(body)[-1][0] for body in failed] == ["error", "error"]
    assert parse_events(again)[-1][0] == "done"
    assert two.provider.runs == 2
    assert await two.charged() == two.provider.bill == WHOLE + 3 * PRICE


async def test_a_dead_process_gives_its_claim_up_and_only_the_second_run_is_charged(
    two: TwoIngresses,
) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    joined = two.replicas[1].ask()
    await until_written(joined, 2)
    two.replicas[0].store.die()
    await two.expire_leases()
    broken = await answered(joined)
    two.provider.let_all()
    again = await answered(two.replicas[1].ask())
    await answered(first)

    assert parse_events(broken)[-1][0] == "error"
    assert parse_events(again)[-1][0] == "done"
    assert two.provider.runs == 2
    assert await two.charged() == WHOLE


async def test_what_nobody_can_come_back_for_is_stopped(two: TwoIngresses) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    await left(first)
    await two.client.delete(*await two.records())

    await became(lambda: two.replicas[0].idle)
    assert await two.charged() == two.provider.bill


async def test_a_stop_of_the_service_waits_for_what_was_left(two: TwoIngresses) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    await left(first)
    closing = asyncio.create_task(two.replicas[0].services.shutdown.async_close(PATIENCE_S))
    two.provider.let_all()
    await closing

    assert parse_events(await answered(two.replicas[1].ask()))[-1][0] == "done"
    assert two.provider.runs == 1


async def test_what_a_stop_cuts_off_may_run_again(two: TwoIngresses) -> None:
    first = two.replicas[0].ask()
    await begun(two, first)
    await left(first)
    await two.replicas[0].services.shutdown.async_close(0.0)
    assert two.provider.running == 0
    two.provider.let_all()

    assert parse_events(await answered(two.replicas[1].ask()))[-1][0] == "done"
    assert await two.charged() == two.provider.bill == WHOLE + 2 * PRICE


async def test_while_redis_is_down_nothing_runs_twice(own_redis: RedisServer) -> None:
    client = own_redis.client(30.0)
    two = TwoIngresses(client)
    first = two.replicas[0].ask()
    await begun(two, first)
    await left(first)
    own_redis.kill()
    refused = two.replicas[1].ask()
    await answered(refused)
    two.provider.let_all()
    await became(lambda: two.replicas[0].idle)
    own_redis.start()
    again = await insisted(two)
    await became(lambda: not two.replicas[0].store.backlog_size)

    assert refused.status == 503
    assert parse_events(again)[-1][0] == "done"
    assert two.provider.runs == 1
    assert await two.charged() == WHOLE
    await two.close()
    await client.aclose()


async def insisted(two: TwoIngresses) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            exchange = two.replicas[1].ask()
            body = await answered(exchange)
            if exchange.status != 503:
                return body
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    with running_loop() as loop:
        yield loop


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 1)),
        st.tuples(st.just("leave"), st.integers(0, 5)),
        st.tuples(st.just("make"), st.integers(1, 3)),
        st.tuples(st.just("wait"), st.integers(1, 5)),
    ),
    max_size=12,
)


@given(MOVES, st.booleans(), st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_whenever_clients_leave_and_return_it_runs_once_and_is_charged_once(
    loop: Loop, redis_socket: Path, moves: list[tuple[str, int]], stream: bool, last: int
) -> None:
    loop.run(play(redis_socket, moves, stream, last), within_s=4 * PATIENCE_S)


async def play(socket: Path, moves: list[tuple[str, int]], stream: bool, last: int) -> None:
    client = connect(RedisSettings(embedded_socket=str(socket), timeout_s=30.0), environ={})
    await client.flushall()
    two = TwoIngresses(client, provider=Provider())
    here: list[Exchange] = []
    for move, number in moves:
        if move == "ask":
            here.append(two.replicas[number].ask(stream=stream))
        elif move == "leave" and here:
            await left(here.pop(number % len(here)))
        elif move == "make":
            two.provider.let(number)
        for _ in range(number):
            await asyncio.sleep(0)
    here.append(two.replicas[last].ask(stream=stream))
    two.provider.let_all()
    bodies = [await answered(exchange) for exchange in here]

    assert {exchange.status for exchange in here} == {200}
    assert len(set(bodies)) == 1
    assert two.provider.runs == 1
    assert await two.charged() == two.provider.bill == WHOLE
    await became(lambda: all(replica.idle for replica in two.replicas))
    await two.close()
    await client.aclose()
