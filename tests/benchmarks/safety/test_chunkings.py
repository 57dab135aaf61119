from benchmarks.safety.chunkings import async_measure


async def test_streams_show_nothing_that_the_whole_text_would_not_show() -> None:
    streams = await async_measure(seed=5, count=60)

    assert streams.planted > 100
    assert (streams.leaked, streams.differing) == (0, 0)
