"""The interface of text classifiers for attacks."""

from collections.abc import Sequence
from typing import Protocol


class Classifier(Protocol):
    """Estimates how likely a text is an attack. Texts are short: `injection.windows.windows` splits
    them.

    ``waits`` is false if it only computes, so that no timeout could interrupt it.
    """

    waits: bool

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        """Returns a score from 0 to 1 for each text; 0.5 is the default threshold.

        ``data`` marks texts of passages or tool results, which should contain no orders, unlike texts
        of users.

        If it raises, nothing passes.
        """
        ...
