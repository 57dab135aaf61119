from genai.lru_cache import LRUCache


def test_the_least_recently_used_key_is_evicted() -> None:
    cache = LRUCache[str, int](2)
    cache.keep([("a", 1), ("b", 2)])
    assert cache.recall("a") == 1
    cache.keep([("c", 3)])
    assert dict(cache) == {"a": 1, "c": 3}


def test_a_missing_key_is_none() -> None:
    cache = LRUCache[str, int](2)
    assert cache.recall("a") is None
    assert "a" not in cache
