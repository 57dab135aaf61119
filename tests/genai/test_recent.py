from genai.recent import Recent


def test_what_was_kept_or_recalled_longest_ago_is_forgotten() -> None:
    recent = Recent[str, int](2)
    recent.keep([("a", 1), ("b", 2)])
    assert recent.recall("a") == 1
    recent.keep([("c", 3)])
    assert dict(recent) == {"a": 1, "c": 3}


def test_what_is_not_there_is_none() -> None:
    recent = Recent[str, int](2)
    assert recent.recall("a") is None
    assert "a" not in recent
