"""The interface of text classifiers for attacks."""

from collections.abc import Sequence
from typing import Protocol


class Classifier(Protocol):
    """Says how likely a text is an attack. Texts are short: `injection_windows.windows` cuts them.

    ``waits`` is false when it only computes, so that no timeout could interrupt it.
    """

    waits: bool

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        """0 to 1 for each text, in order; 0.5 is where one would raise an alarm.

        ``data`` says that they are of passages or of results of tools, where nobody should give
        orders, and not of what a user wrote.

        Raises whatever goes wrong, and then nothing passes.
        """
        ...
