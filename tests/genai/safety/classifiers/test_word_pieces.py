import tracemalloc

from genai.safety.classifiers.word_pieces import Pieces

WORDS = ["[UNK]", "un", "##lock", "##ed", "lock", "!", "=", "\u4e2d", "caf", "##e"]
PIECES = Pieces(WORDS)


def cut(text: str) -> list[str]:
    return [WORDS[row] for row in PIECES.rows(text)]


def test_a_word_is_cut_into_the_longest_pieces_that_are_known() -> None:
    assert cut("unlocked lock!") == ["un", "##lock", "##ed", "lock", "!"]


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert cut("lock xyz") == ["lock", "[UNK]", "[UNK]", "[UNK]"]


def test_accents_do_not_count() -> None:
    assert cut("caf\u00e9") == ["caf", "##e"]


def test_characters_of_scripts_without_spaces_stand_alone() -> None:
    assert cut("\u4e2d\u4e2d") == ["\u4e2d", "\u4e2d"]


def test_a_line_drawn_of_signs_is_short() -> None:
    assert cut("lock\n========") == ["lock", "=", "="]


def test_long_words_and_words_between_odd_spaces_are_cut_like_others() -> None:
    long = "lock!" * 20

    assert cut(f"lock\u2003{long}\x1funlock") == ["lock", *["lock", "!"] * 20, "un", "##lock"]


def test_numbers_which_are_seldom_said_again_take_no_memory() -> None:
    pieces = Pieces(WORDS)
    tracemalloc.start()
    try:
        for number in range(4_000):
            pieces.rows(f"lock {number}!")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 300_000
