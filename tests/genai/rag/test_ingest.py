from collections.abc import Sequence
from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.rag.base import Document, Progress
from genai.rag.ingest import Folder, UnreadFiles, ingest_folder
from genai.rag.permissions import SHARED, Readers


class ListStore:
    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.tenant = ""

    async def async_publish(
        self,
        documents: Sequence[Document],
        *,
        tenant: str = SHARED,
        progress: Progress | None = None,
    ) -> int:
        fresh = [document for document in documents if document not in self.documents]
        self.documents, self.tenant = list(documents), tenant
        return len(fresh)


async def test_the_folder_is_shared_and_only_changes_count(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A")
    (tmp_path / "b.md").write_text("B")
    store = ListStore()

    first = await ingest_folder(store, Folder(tmp_path))
    second = await ingest_folder(store, Folder(tmp_path))
    (tmp_path / "b.md").write_text("changed")
    third = await ingest_folder(store, Folder(tmp_path))

    assert (first, second, third) == (2, 0, 1)
    assert store.tenant == SHARED
    assert [document.text for document in store.documents] == ["A", "changed"]


async def test_files_of_other_formats_are_brought_in_for_those_whom_they_are_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "fees.csv").write_text("card,fee\nGold,12\n")
    (tmp_path / "notes.txt").write_text("Text.")
    (tmp_path / "image.png").write_bytes(b"no text")
    store = ListStore()

    await ingest_folder(store, Folder(tmp_path, "acme", Readers(groups=("hr",))))

    assert store.tenant == "acme"
    assert [(d.id, d.source) for d in store.documents] == [
        ("fees", "deep/fees.csv"),
        ("notes", "notes.txt"),
    ]
    assert {d.readers for d in store.documents} == {Readers(groups=("hr",))}


async def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    store = ListStore()

    with pytest.raises(UnreadFiles, match=r"b\.pdf: the file is damaged"):
        await ingest_folder(store, Folder(tmp_path))

    assert store.documents == []


async def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "a.md").write_text("Text.")

    with pytest.raises(Misconfigured):
        await ingest_folder(ListStore(), Folder(tmp_path))


async def test_what_everybody_reads_has_no_readers_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        await ingest_folder(ListStore(), Folder(tmp_path, readers=Readers(groups=("hr",))))
