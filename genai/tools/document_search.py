"""A tool that searches the tenant's documents."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from genai.base.tool import BaseTool, Observation
from genai.language.impersonal import impersonal
from genai.messages import Passage, RequestContext
from genai.rag.base import Retriever
from genai.rag.permissions import reader_of

NOTHING: Final = "no document says anything about that"


class DocumentSearchArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str = Field(min_length=1, max_length=500, description="what to look for, in plain words")


class DocumentSearchTool(BaseTool):
    """Finds only passages that the caller may read."""

    description = "Search the documents: policies, fees, terms. Gets the passages that fit best."
    input_schema = DocumentSearchArguments

    def __init__(
        self,
        retriever: Retriever,
        *,
        name: str = "search_documents",
        passages: int = 4,
    ) -> None:
        self.name = name
        self._retriever = retriever
        self._passages = passages

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, DocumentSearchArguments)
        found = await self._retriever.async_retrieve(
            reader_of(context), impersonal(arguments.query), limit=self._passages
        )
        return Observation(text="\n\n".join(map(_shown, found)) or NOTHING)


def _shown(passage: Passage) -> str:
    place = f"{passage.title}: {passage.section}" if passage.section else passage.title
    lead = f"{passage.lead}\n" if passage.lead else ""
    return f"[{passage.document_id}] {place}\n{lead}{passage.text}"
