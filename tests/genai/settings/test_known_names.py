from genai.settings.known_names import hint


def test_the_nearest_name_comes_first_and_then_all() -> None:
    assert hint("tpo_k", ["top_k", "llm"]) == " (did you mean top_k?); known are llm, top_k"


def test_a_name_like_no_other_gets_the_list_alone() -> None:
    assert hint("xyz", ["top_k"]) == "; known are top_k"
    assert hint("xyz", []) == ""
