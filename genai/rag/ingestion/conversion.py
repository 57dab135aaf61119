"""Converts uploaded files of any supported format to documents, in sandboxed worker processes."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

from genai.errors import BackendFailed, InvalidInput, Misconfigured
from genai.rag.base import Document
from genai.rag.formats.blocks import seen
from genai.rag.formats.media_types import MARKDOWN
from genai.rag.formats.plain import decoded
from genai.rag.formats.refusals import NO_READER, REASONS, Unreadable
from genai.rag.ingestion.documents import first_heading, parse_document
from genai.settings.documents import ReadingSettings

_ROOT = Path(__file__).parents[3]
_WORKER = "genai.rag.formats.worker"
_CPU_TIME_OVER = (-24, -9)
"""The exit codes after the time limit: by SIGXCPU, or by SIGKILL a second later."""


@dataclass(frozen=True, slots=True)
class File:
    """``media_type`` is a supported one; ``name`` is the file name without folders."""

    data: bytes
    media_type: str
    name: str = ""


class Converter:
    """Reads a few files concurrently; others wait."""

    def __init__(self, settings: ReadingSettings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.at_once)

    async def async_read(self, file: File) -> Document:
        """A document with the file's own title, and its name as the id. Raises `InvalidInput`."""
        if file.media_type == MARKDOWN:
            return self._markdown(file)
        async with self._slots:
            answer = await self._run(file)
        if "refused" in answer:
            raise _refusal(answer["refused"])
        stem, text = PurePath(file.name).stem or "document", answer["text"]
        title = answer["title"] or first_heading(text) or stem
        return Document(id=stem, title=title, text=text, source=file.name)

    def _markdown(self, file: File) -> Document:
        try:
            text = seen(decoded(file.data))
        except Unreadable as refusal:
            raise _refusal(refusal.reason) from None
        if len(text) > self._settings.max_chars:
            raise _refusal("too_large")
        document = parse_document(text, name=PurePath(file.name).stem or "document")
        if not document.text.strip():
            raise _refusal("empty")
        return document

    async def _run(self, file: File) -> dict[str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-m", _WORKER, file.media_type, *self._arguments()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "PYTHONIOENCODING": "utf-8"},
        )
        try:
            async with asyncio.timeout(self._settings.seconds):
                out, _ = await process.communicate(file.data)
        except TimeoutError:
            raise _refusal("too_slow") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _answer(out, process.returncode)

    def _arguments(self) -> tuple[str, ...]:
        seconds, memory = self._settings.seconds, self._settings.memory_mb * 1_000_000
        return str(max(1, round(seconds))), str(memory), str(self._settings.max_chars)


def _answer(out: bytes, status: int | None) -> dict[str, str]:
    if status == NO_READER:
        raise Misconfigured('reading files needs: pip install "genai-factory[documents]"')
    if status in _CPU_TIME_OVER:
        return {"refused": "too_slow"}
    try:
        answer: dict[str, str] = json.loads(out)
    except ValueError as error:  # it died: the file broke its parser
        if status:
            return {"refused": "broken"}
        raise BackendFailed("the file could not be read", False) from error
    return answer


def _refusal(reason: str) -> InvalidInput:
    return InvalidInput(REASONS.get(reason, REASONS["broken"]), "content")
