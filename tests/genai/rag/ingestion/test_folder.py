from collections.abc import Sequence
from pathlib import Path

import pytest

from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.hashing import HashEmbedder
from genai.errors import Misconfigured
from genai.rag.base import Document, Progress
from genai.rag.ingestion.folder import Folder, UnreadFiles, ingest_folder
from genai.rag.permissions import SHARED, Readers
from genai.rag.storage.index import DocumentIndex


class ListStore:
    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.tenant = ""

    async def async_publish(
        self,
        documents: Sequence[Document],
        *,
        tenant: str = SHARED,
        origin: str = "",
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


async def test_a_folder_that_is_not_there_removes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("A")
    store = ListStore()
    await ingest_folder(store, Folder(folder))
    folder.rename(tmp_path / "elsewhere")

    with pytest.raises(Misconfigured, match="there is no folder"):
        await ingest_folder(store, Folder(folder))

    assert [document.text for document in store.documents] == ["A"]


async def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "a.md").write_text("Text.")

    with pytest.raises(Misconfigured):
        await ingest_folder(ListStore(), Folder(tmp_path))


async def test_what_everybody_reads_has_no_readers_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        await ingest_folder(ListStore(), Folder(tmp_path, readers=Readers(groups=("hr",))))


LEGAL, HR = Readers(groups=("legal",)), Readers(groups=("hr",))


@pytest.fixture
def store(tmp_path: Path) -> DocumentIndex:
    pytest.importorskip("lancedb")
    from genai.rag.storage.lancedb_store import LanceDBStore

    return LanceDBStore(tmp_path / "store", CachedEmbedder(HashEmbedder()), chunk_tokens=200)


def folder_of(path: Path, *names: str) -> Path:
    """With a file for each name, and no others."""
    path.mkdir(exist_ok=True)
    for old in path.iterdir():
        old.unlink()
    for name in names:
        (path / f"{name}.md").write_text(f"This is about {name}.")
    return path


async def ids(store: DocumentIndex, tenant: str = "acme") -> list[str]:
    return [summary.id for summary in await store.async_list(tenant)]


async def test_what_was_uploaded_and_what_other_folders_brought_in_stays(
    store: DocumentIndex, tmp_path: Path
) -> None:
    await store.async_add("acme", [Document(id="uploaded", title="U", text="Uploaded.")])
    contracts, letters = folder_of(tmp_path / "a", "lease", "loan"), folder_of(tmp_path / "b", "cv")

    await ingest_folder(store, Folder(contracts, "acme", LEGAL))
    await ingest_folder(store, Folder(letters, "acme", HR))
    assert await ids(store) == ["cv", "lease", "loan", "uploaded"]

    folder_of(contracts, "loan")
    await ingest_folder(store, Folder(contracts, "acme", LEGAL))
    assert await ids(store) == ["cv", "loan", "uploaded"]

    folder_of(letters)
    await ingest_folder(store, Folder(letters, "acme", HR))
    assert await ids(store) == ["loan", "uploaded"]


async def test_one_folder_can_be_used_for_several_groups_one_after_the_other(
    store: DocumentIndex, tmp_path: Path
) -> None:
    inbox = folder_of(tmp_path / "inbox", "lease")
    await ingest_folder(store, Folder(inbox, "acme", LEGAL))

    await ingest_folder(store, Folder(folder_of(inbox, "cv"), "acme", HR))

    assert await ids(store) == ["cv", "lease"]


async def test_a_folder_that_is_called_by_another_name_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = [Path("docs"), Path("./docs/"), Path("other/../docs"), tmp_path / "docs"]

    assert len({Folder(path, "acme").origin for path in named}) == 1
    assert Folder(Path("docs"), "acme", LEGAL).origin != Folder(Path("docs"), "acme").origin


async def test_the_folder_of_the_settings_can_be_exchanged_for_another_one(
    store: DocumentIndex, tmp_path: Path
) -> None:
    sample, own, extra = (folder_of(tmp_path / n, n) for n in ("sample", "own", "extra"))

    await ingest_folder(store, Folder(sample, configured=True))
    await ingest_folder(store, Folder(extra))
    await ingest_folder(store, Folder(own, configured=True))

    assert await ids(store, SHARED) == ["extra", "own"]


async def test_an_upload_that_a_file_replaced_goes_with_the_file(
    store: DocumentIndex, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "a", "lease")
    await ingest_folder(store, Folder(folder, "acme"))
    same = Document(id="lease", title="lease", text="This is about lease.", source="lease.md")

    await store.async_add("acme", [same])
    await ingest_folder(store, Folder(folder_of(folder), "acme"))
    assert await ids(store) == ["lease"]

    await ingest_folder(store, Folder(folder_of(folder, "lease"), "acme"))
    await ingest_folder(store, Folder(folder_of(folder), "acme"))
    assert await ids(store) == []


async def test_what_a_former_version_brings_back_is_still_the_folders(
    store: DocumentIndex, tmp_path: Path
) -> None:
    await store.async_add("acme", [Document(id="uploaded", title="U", text="Uploaded.")])
    folder = folder_of(tmp_path / "a", "lease", "loan")
    await ingest_folder(store, Folder(folder, "acme"))
    [*_, with_both] = await store.async_versions("acme")
    await ingest_folder(store, Folder(folder_of(folder, "loan"), "acme"))

    await store.async_rollback("acme", with_both.number)
    assert await ids(store) == ["lease", "loan", "uploaded"]

    await ingest_folder(store, Folder(folder, "acme"))
    assert await ids(store) == ["loan", "uploaded"]
