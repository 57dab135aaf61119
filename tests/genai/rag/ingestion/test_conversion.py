import time

import pytest

from genai.errors import InvalidInput
from genai.rag.formats.media_types import DOCX
from genai.rag.ingestion.conversion import Converter, File
from genai.settings.documents import ReadingSettings
from tests.support.files import docx, page_bomb, paragraph, pdf, text_at

pytest.importorskip("bs4")
pytest.importorskip("mammoth")
pytest.importorskip("pdfminer")

PDF = "application/pdf"
READING = ReadingSettings()


async def test_every_format_becomes_a_document_with_a_title() -> None:
    files = [
        File(b"<title>Fees</title><p>Text.", "text/html", "a.html"),
        File(pdf(text_at(72, 700, "Fees", size=20) + text_at(72, 600, "Text.")), PDF, "b.pdf"),
        File(docx(paragraph("Fees", style="Heading1") + paragraph("Text.")), DOCX, "c.docx"),
        File(b"# Fees\n\nText.", "text/markdown", "d.md"),
        File(b"card,fee\nGold,4\n", "text/csv", "Fees.csv"),
        File(b"Text.", "text/plain", "Fees.txt"),
    ]

    documents = [await Converter(READING).async_read(file) for file in files]

    assert [document.title for document in documents] == ["Fees"] * 6
    assert [document.id for document in documents] == ["a", "b", "c", "d", "Fees", "Fees"]
    assert [document.source for document in documents] == [file.name for file in files]


async def test_front_matter_is_of_markdown_alone() -> None:
    text = b"---\nid: other\n---\nText."

    assert (await Converter(READING).async_read(File(text, "text/markdown", "a.md"))).id == "other"
    assert (await Converter(READING).async_read(File(text, "text/plain", "a.txt"))).id == "a"


async def refusal(file: File, limits: ReadingSettings = READING) -> str:
    with pytest.raises(InvalidInput) as caught:
        await Converter(limits).async_read(file)
    assert caught.value.param == "content"
    return caught.value.message


async def test_a_file_that_unpacks_into_too_much_is_refused() -> None:
    bomb = page_bomb(400_000_000)
    assert len(bomb) < 1_000_000

    assert "unpacks into more" in await refusal(File(bomb, PDF), ReadingSettings(memory_mb=400))


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    slow = b"<table>" * 3_000 + b"<tr><td>x" * 3_000
    began = time.monotonic()

    message = await refusal(File(page_bomb(60_000_000), PDF), ReadingSettings(seconds=1.0))

    assert "too long" in message
    assert time.monotonic() - began < 10
    assert await refusal(File(slow, "text/html"), ReadingSettings(seconds=2.0))


async def test_more_text_than_allowed_is_refused() -> None:
    limits = ReadingSettings(max_chars=10)

    assert "unpacks" in await refusal(File(b"a long text", "text/plain"), limits)
    assert "unpacks" in await refusal(File(b"a long text", "text/markdown"), limits)


@pytest.mark.parametrize(
    "file",
    [
        File(b"<script>x</script>", "text/html"),
        File(b"", "text/plain"),
        File(b"", "text/csv"),
        File(b" \n", "text/markdown"),
        File(pdf(""), PDF),
    ],
    ids=lambda file: file.media_type,
)
async def test_a_file_without_text_is_refused(file: File) -> None:
    assert "no readable text" in await refusal(file)


async def test_deep_nesting_breaks_nothing() -> None:
    assert await refusal(File(b"<div>" * 100_000 + b"x", "text/html"))


async def test_the_reader_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    process = Converter(READING)

    assert (await process.async_read(File(b"Text.", "text/plain", "a.txt"))).text == "Text.\n"
