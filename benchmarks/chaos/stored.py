"""The data in Redis, by kind of key.

Keys have the form ``{tenant}|kind|...``, see `genai.memory.names`. A stream or a set is one key.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from redis import Redis

BATCH = 500
LEAST_BYTES = 10_000
"""Kinds with less are not reported."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers and sizes of keys by kind; ``used`` is Redis's ``used_memory``."""

    keys: Counter[str]
    bytes: Counter[str]
    used: int


def stored(socket: Path) -> Stored:
    with Redis(unix_socket_path=str(socket)) as redis:
        keys: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        names = redis.scan_iter(count=BATCH)
        while batch := list(islice(names, BATCH)):
            for name, size in zip(batch, _sizes(redis, batch), strict=True):
                kind = name.decode().split("|")[1]
                keys[kind] += 1
                sizes[kind] += size or 0
        return Stored(keys, sizes, int(redis.info("memory")["used_memory"]))


def _sizes(redis: "Redis", names: list[bytes]) -> list[int | None]:
    pipeline = redis.pipeline(transaction=False)
    for name in names:
        pipeline.memory_usage(name, samples=0)
    return list(pipeline.execute())


def report_lines(before: Stored, after: Stored, requests: int) -> Iterator[str]:
    """The lines of a Markdown table: size and growth per request by kind."""
    yield "| stored in Redis | keys | KB at first | KB at last | bytes for each request |"
    yield "| --- | --- | --- | --- | --- |"
    for kind, size in after.bytes.most_common():
        if size >= LEAST_BYTES:
            yield _line(kind, str(after.keys[kind]), before.bytes[kind], size, requests)
    yield _line("everything", str(after.keys.total()), before.used, after.used, requests)


def _line(kind: str, keys: str, before: int, after: int, requests: int) -> str:
    each = (after - before) / max(1, requests)
    return f"| {kind} | {keys} | {before / 1000:.0f} | {after / 1000:.0f} | {each:+.0f} |"
