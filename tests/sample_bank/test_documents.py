"""The documents and questions of the sample bank are well formed and agree with each other."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

BANK = Path(__file__).parents[2] / "sample_bank"
PATHS = sorted((BANK / "documents").glob("*.md"))
FRONT_MATTER = re.compile(r"---\n(?P<fields>.*?)\n---\n\n(?P<body>.*)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->\n\n", re.DOTALL)
CROSS_REFERENCE = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")


class Page(NamedTuple):
    """The body is what a reader sees: without comments."""

    fields: dict[str, str]
    body: str

    @property
    def sections(self) -> dict[str, str]:
        """The text under each heading of the second level; under none, what stands before them."""
        first, *parts = re.split(r"^## ", self.body, flags=re.MULTILINE)
        named = (part.partition("\n") for part in parts)
        return {"": first} | {heading: text for heading, _, text in named}


@cache
def page(path: Path) -> Page:
    match = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
    assert match, f"{path.name} has no front matter"
    lines = match["fields"].splitlines()
    body = COMMENT.sub("", match["body"])
    return Page(dict(line.split(": ", 1) for line in lines), body)


def questions() -> list[dict[str, Any]]:
    lines = (BANK / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def answerable() -> list[dict[str, Any]]:
    return [question for question in questions() if question.get("answerable", True)]


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


def test_there_are_enough_documents() -> None:
    assert len(PATHS) >= 36


def test_front_matter_names_title_id_version_and_date(path: Path) -> None:
    fields = page(path).fields

    assert list(fields) == ["title", "id", "version", "effective"]
    assert re.fullmatch(r"\d+\.\d+", fields["version"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", fields["effective"])


def test_the_id_is_the_name_of_the_file(path: Path) -> None:
    assert page(path).fields["id"] == path.stem


def test_titles_are_unique() -> None:
    titles = [page(path).fields["title"] for path in PATHS]

    assert len(set(titles)) == len(titles)


def test_the_first_heading_is_the_title(path: Path) -> None:
    assert page(path).body.startswith(f"# {page(path).fields['title']}\n")


def test_headings_are_unique_within_a_document(path: Path) -> None:
    headings = re.findall(r"^## (.*)$", page(path).body, re.MULTILINE)

    assert len(set(headings)) == len(headings) >= 5


def test_a_document_has_350_to_900_words(path: Path) -> None:
    assert 350 <= len(page(path).body.split()) <= 900


def test_a_section_fits_into_two_passages(path: Path) -> None:
    too_long = [h for h, text in page(path).sections.items() if len(text.split()) > 200]

    assert too_long == []


def test_cross_references_name_other_documents(path: Path) -> None:
    others = {page(other).fields["title"] for other in PATHS if other != path}
    references = set(CROSS_REFERENCE.findall(page(path).body))

    assert references
    assert references <= others


def test_the_rows_of_a_table_have_as_many_cells_as_its_head(path: Path) -> None:
    blocks = re.findall(r"(?:^\|.*\|\n)+", page(path).body, re.MULTILINE)
    widths = [{row.count("|") for row in block.splitlines()} for block in blocks]

    assert blocks
    assert all(len(width) == 1 for width in widths)


def test_amounts_are_written_in_one_way(path: Path) -> None:
    body = page(path).body

    assert not re.search(r"[$£]|\bEUR\b|\d ?€|€\d{4}", body)


def test_there_are_enough_questions() -> None:
    assert len(answerable()) >= 80
    assert len(questions()) - len(answerable()) >= 30


def test_question_ids_and_texts_are_unique() -> None:
    ids = [question["id"] for question in questions()]
    texts = [question["question"] for question in questions()]

    assert len(set(ids)) == len(ids)
    assert len(set(texts)) == len(texts)


def test_every_document_is_asked_about() -> None:
    assert {question["document_id"] for question in answerable()} == {p.stem for p in PATHS}


@pytest.mark.parametrize("question", answerable(), ids=lambda question: question["id"])
def test_the_expected_text_stands_in_its_section(question: dict[str, Any]) -> None:
    document = page(BANK / "documents" / f"{question['document_id']}.md")

    assert question.get("expected_text", "") in document.sections[question["section"]]
