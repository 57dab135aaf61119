"""The interface of text embedders."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class BaseEmbedder(ABC):
    """Turns texts into vectors of unit length, so that a dot product is the cosine similarity."""

    name: str
    dimensions: int

    @abstractmethod
    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order. Text beyond the model's window is ignored.

        Raises `BackendFailed`. Has no effects; safe to call twice.
        """
