from pathlib import Path

import pytest

pytest.importorskip("lancedb")

from benchmarks.scale import measure


async def test_searches_find_all_permitted_passages_and_no_others(tmp_path: Path) -> None:
    """With so many passages that there is an index of vectors, which knows nothing of rights."""
    results = await measure(tmp_path, 6_000, 60)

    assert results["foreign_passages"] == 0
    assert results["passages_found"] == 60 * 20
