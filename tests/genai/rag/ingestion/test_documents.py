from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.rag.ingestion.documents import parse_document, read_documents


def test_front_matter_gives_the_identity_and_is_not_part_of_the_text() -> None:
    document = parse_document("---\ntitle: Our Fees\nid: fees\n---\n\nA fee.\n", name="file")

    assert (document.id, document.title, document.text) == ("fees", "Our Fees", "A fee.\n")


def test_without_front_matter_the_file_and_its_heading_name_the_document() -> None:
    document = parse_document("# Our Fees\n\nA fee.\n", name="fees")

    assert (document.id, document.title) == ("fees", "Our Fees")
    assert document.text.startswith("# Our Fees")


def test_a_line_in_the_text_is_no_front_matter() -> None:
    text = "First.\n\n---\n\nid: other\n\n---\n"

    assert parse_document(text, name="file").text == text


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    document = parse_document("\ufeff---\r\nid: fees\r\n---\r\nA fee.\r\n", name="file")

    assert (document.id, document.text) == ("fees", "A fee.\n")


def test_a_folder_is_read_with_its_subfolders(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "b.md").write_text("B")
    (tmp_path / "cards" / "a.md").write_text("A")
    (tmp_path / "notes.txt").write_text("no document")

    assert {document.id for document in read_documents(tmp_path)} == {"a", "b"}


def test_two_documents_with_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("---\nid: same\n---\ntext\n")

    with pytest.raises(Misconfigured):
        read_documents(tmp_path)
