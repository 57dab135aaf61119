"""Caches the scans of texts that recur word for word, such as passages of documents."""

from genai.lru_cache import LRUCache
from genai.safety.base import Check, Scan, Stage

CAPACITY = 1_024
"""Texts: a passage has some 1,500 characters, so they take a few megabytes of each process."""


class CachedCheck(Check):
    """Caches the results of ``inner`` for whole texts of one stage. Checks are pure, so this is exact.

    Errors are not cached.
    """

    def __init__(self, inner: Check, stage: Stage, capacity: int = CAPACITY) -> None:
        self.name = inner.name
        self.waits = getattr(inner, "waits", True)
        self._inner = inner
        self._stage = stage
        self._scans = LRUCache[str, Scan](capacity)

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        if stage != self._stage or not final:
            return await self._inner.async_scan(text, stage, final=final)
        known = self._scans.recall(text)
        if known is None:
            known = await self._inner.async_scan(text, stage)
            self._scans.keep([(text, known)])
        return known
