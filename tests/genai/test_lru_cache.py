from genai.lru_cache import LRUCache


def test_what_was_kept_or_recalled_longest_ago_is_forgotten() -> None:
    cache = LRUCache[str, int](2)
    cache.keep([("a", 1), ("b", 2)])
    assert cache.recall("a") == 1
    cache.keep([("c", 3)])
    assert dict(cache) == {"a": 1, "c": 3}


def test_what_is_not_there_is_none() -> None:
    cache = LRUCache[str, int](2)
    assert cache.recall("a") is None
    assert "a" not in cache
