from collections.abc import Sequence
from pathlib import Path

from genai.rag.base import Document
from genai.rag.ingest import ingest_folder


class ListStore:
    def __init__(self) -> None:
        self.documents: list[Document] = []

    async def async_publish(self, documents: Sequence[Document]) -> int:
        fresh = [document for document in documents if document not in self.documents]
        self.documents = list(documents)
        return len(fresh)


async def test_the_folder_is_shared_and_only_changes_count(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A")
    (tmp_path / "b.md").write_text("B")
    store = ListStore()

    first = await ingest_folder(store, tmp_path)
    second = await ingest_folder(store, tmp_path)
    (tmp_path / "b.md").write_text("changed")
    third = await ingest_folder(store, tmp_path)

    assert (first, second, third) == (2, 0, 1)
    assert [document.text for document in store.documents] == ["A", "changed"]
