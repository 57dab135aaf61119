"""Brings a folder of documents into the store."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from genai.rag.base import Document
from genai.rag.documents import read_documents

logger = logging.getLogger(__name__)


class Publisher(Protocol):
    """A store of documents that every tenant may read."""

    async def async_publish(self, documents: Sequence[Document]) -> int:
        """Make these the shared documents, and no others; says how many were new or different."""
        ...


async def ingest_folder(store: Publisher, folder: Path) -> int:
    """Share the folder's documents; says how many were new or different. Safe to call twice.

    Documents that are stored just so already cost nothing, those whose file is gone are removed.
    """
    documents = read_documents(folder)
    changed = await store.async_publish(documents)
    if changed:
        logger.info("documents ingested", extra={"changed": changed, "documents": len(documents)})
    return changed
