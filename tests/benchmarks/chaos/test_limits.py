from benchmarks.chaos.limits import WINDOW_S, in_window, most_in_a_window


def test_the_fullest_window_is_found_at_any_offset() -> None:
    taken = [(0.0, 0.1), (50.0, 50.1), (70.0, 70.1), (100.0, 100.1), (109.0, 109.1)]

    assert most_in_a_window(taken) == 4
    assert in_window(taken, 0.0) == 2


def test_a_request_counts_only_if_it_began_and_ended_in_the_window() -> None:
    taken = [(0.0, WINDOW_S + 1), (1.0, 2.0), (2.0, WINDOW_S + 2.5)]

    assert most_in_a_window(taken) == 1


def test_a_request_of_an_earlier_window_does_not_count_for_a_later_one() -> None:
    assert most_in_a_window([(0.0, 1.0), (WINDOW_S + 5, WINDOW_S + 6)]) == 1
