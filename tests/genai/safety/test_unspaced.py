from genai.safety.unspaced import extent


def test_a_letter_says_more_where_no_spaces_are_put() -> None:
    assert extent("delete it") == 9
    assert extent("\u5220\u9664 it") == 9
    assert extent("l\u00f6sche") == 6
