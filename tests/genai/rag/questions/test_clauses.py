import pytest

from genai.rag.questions.clauses import asking


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("My passport ran out last week, what now?", "what now?"),
        ("I lost my job. Can I pause my loan? I earn 900.", "Can I pause my loan?"),
        ("What does it cost, and when is it due?", "What does it cost, ; and when is it due?"),
        ("lost card replacement price", "lost card replacement price"),
    ],
)
def test_what_is_told_is_kept_apart_from_what_is_asked(question: str, asks: str) -> None:
    assert asking(question) == asks
