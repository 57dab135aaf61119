from genai.messages import Passage
from genai.rag.base import Document
from genai.rag.passages.chunking import chunk, findable
from genai.rag.passages.hints import without_hints

TEXT = """# Cash

## Abroad

<!-- asked
what does cash on holiday cost?

is there a fee in Japan?
-->

<!-- not answered
what is the rate today?
-->

Cash costs 3 %.

<!-- to be revised in spring -->

It is booked at once.

## At home

Cash is free.
"""


def passages(text: str) -> tuple[Passage, ...]:
    return chunk(Document(id="cash", title="Cash", text=text), max_tokens=200)


def test_the_questions_beside_a_section_belong_to_all_its_passages_and_to_no_other() -> None:
    first, second, home = passages(TEXT)

    assert first.asked == ("what does cash on holiday cost?", "is there a fee in Japan?")
    assert first.unanswered == ("what is the rate today?",)
    assert (second.asked, second.unanswered) == (first.asked, first.unanswered)
    assert (home.asked, home.unanswered) == ((), ())


def test_comments_are_no_text_of_a_passage() -> None:
    assert [passage.text for passage in passages(TEXT)] == [
        "Cash costs 3 %.",
        "It is booked at once.",
        "Cash is free.",
    ]


def test_a_comment_may_stand_on_one_line() -> None:
    (passage,) = passages("<!-- Asked: is cash free? -->\n\nCash is free.")

    assert passage.asked == ("is cash free?",)


def test_what_follows_a_comment_that_is_never_closed_is_text() -> None:
    (passage,) = passages("<!-- asked\n\nCash is free.")

    assert (passage.text, passage.asked) == ("Cash is free.", ())


def test_a_passage_is_found_by_the_words_of_what_it_answers() -> None:
    first, *_ = passages(TEXT)

    assert "in Japan" in findable(first)
    assert "today" not in findable(first)


def test_hints_can_be_left_out_and_other_comments_stay() -> None:
    bare = without_hints("# Cash\n\n<!-- asked\nis it free?\n-->\n\nFree.\n<!-- a note -->")

    assert "asked" not in bare
    assert "Free.\n<!-- a note -->" in bare
