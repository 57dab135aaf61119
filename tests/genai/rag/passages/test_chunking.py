from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from genai.base.prompt import estimate_tokens
from genai.messages import Passage
from genai.rag.base import Document
from genai.rag.passages.chunking import chunk, heading, searchable

FEES = """# Fees

Fees of all cards.

## Cards

The fees are these:

| Card | Fee |
|---|---|
| Gold | 95 euros |
| Blue | free |

## Abroad

### Cash

Cash costs 3 %.
"""


def passages(text: str, max_tokens: int = 200, title: str = "Fees") -> tuple[Passage, ...]:
    return chunk(Document(id="fees", title=title, text=text), max_tokens=max_tokens)


def test_a_passage_stays_under_its_heading_and_knows_the_path_to_it() -> None:
    found = {passage.section: passage.text for passage in passages(FEES)}

    assert found["Abroad > Cash"] == "Cash costs 3 %."
    assert found[""] == "Fees of all cards."


def test_a_table_stays_with_its_header_and_the_line_above_it() -> None:
    cards = next(passage for passage in passages(FEES) if passage.section == "Cards")

    assert cards.text.startswith("The fees are these:")
    assert cards.text.endswith("| Blue | free |")


def test_a_table_that_is_too_long_is_cut_between_rows_that_remember_its_header() -> None:
    rows = "\n".join(f"| Card number {number} | {number} euros |" for number in range(40))
    text = f"Fees by card:\n\n| Card | Fee |\n|---|---|\n{rows}\n"

    parts = passages(text, max_tokens=64)

    assert len(parts) > 3
    assert all(part.text.count("|") % 3 == 0 for part in parts[1:])
    assert all(part.lead == "Fees by card:\n| Card | Fee |\n|---|---|" for part in parts[2:])


def test_a_list_that_is_too_long_remembers_the_line_that_introduces_it() -> None:
    text = "You need:\n\n" + "\n".join(f"- document number {n} of the list" for n in range(40))

    parts = passages(text, max_tokens=64)

    assert len(parts) > 3
    assert all(part.lead == "You need:" for part in parts[2:])


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"This is sentence number {number}." for number in range(60))

    parts = passages(text, max_tokens=64)

    assert all(part.text.startswith("This is") and part.text.endswith(".") for part in parts)
    assert all(estimate_tokens(part.text) <= 64 for part in parts)


def test_a_passage_is_searched_by_its_title_and_section_too() -> None:
    cash = passages(FEES)[-1]

    assert searchable(cash) == "Fees > Abroad > Cash\nCash costs 3 %."
    assert heading(cash) == "Cash"


def test_a_document_without_text_has_no_passages() -> None:
    assert passages(" \n\n ") == ()


BLOCKS = st.sampled_from(
    [
        "# Title",
        "## Section",
        "Words of a sentence. And another one!",
        "You need:",
        "- one\n- two",
        "1. a\n\n2. b",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "| a | b |",
        "```\n# code\n```",
        "```",
        "x" * 900,
        "> quoted",
        "\t",
    ]
)


@given(st.lists(BLOCKS), st.sampled_from(["\n", "\n\n"]), st.integers(32, 256))
def test_passages_are_exact_slices_that_cover_all_words(
    blocks: list[str], between: str, max_tokens: int
) -> None:
    text = between.join(blocks)
    parts = passages(text, max_tokens)

    assert all(text[part.start : part.end] == part.text for part in parts)
    assert all(before.end <= after.start for before, after in pairwise(parts))
    left = [*(part.end for part in parts)]
    gaps = zip([0, *left], [*(part.start for part in parts), len(text)], strict=True)
    assert all(_is_skipped(text[start:end]) for start, end in gaps)


def _is_skipped(text: str) -> bool:
    """White space, or headings, which passages have as their section."""
    return all(not line.strip() or line.startswith("#") for line in text.splitlines())
