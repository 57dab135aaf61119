from hypothesis import given, settings
from hypothesis import strategies as st

from genai.access.updatable_heap import SPARE, UpdatableHeap

ITEMS = "abcdef"
CHANGES = st.lists(st.tuples(st.sampled_from(ITEMS), st.one_of(st.none(), st.integers(0, 3))))


@settings(deadline=None)
@given(CHANGES)
def test_first_is_the_lowest_and_of_equal_ones_that_which_was_set_first(
    changes: list[tuple[str, int | None]],
) -> None:
    heap: UpdatableHeap[str] = UpdatableHeap()
    expected: dict[str, int] = {}
    for item, priority in changes:
        expected.pop(item, None)
        if priority is None:
            heap.discard(item)
        else:
            heap.set(item, priority)
            expected[item] = priority

        assert heap.first() == min(expected, key=expected.__getitem__, default=None)
        assert len(heap) == len(expected)


def test_changes_without_end_need_no_more_memory() -> None:
    heap: UpdatableHeap[int] = UpdatableHeap()

    for change in range(10_000):
        heap.set(change % 10, change)

    assert heap.entries <= 2 * 10 + SPARE + 1
    assert heap.first() == 0
