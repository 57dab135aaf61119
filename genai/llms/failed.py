"""What went wrong with a request on its way along a chain of models."""

import logging
from typing import NoReturn

from genai.base.llm import BaseLLM
from genai.errors import GenAIError, InvalidInput, ModelUnavailable
from genai.llms.spent import set_spent, spent_by
from genai.llms.watched import Silent, WatchedLLM
from genai.messages import Usage

logger = logging.getLogger(__name__)

NOTHING = Usage()


class Failed:
    """What went wrong with one request so far, and what that has cost."""

    def __init__(self) -> None:
        self.lost = Usage()
        self.reason: str | None = None
        self.silent: WatchedLLM | None = None
        """The first model of which only is known that it said nothing for a while."""
        self._errors: list[GenAIError] = []

    def add(self, link: BaseLLM, error: GenAIError, spent: Usage = NOTHING) -> None:
        """``spent`` is what is known where the error does not say it. Raises what the first model says
        of the request itself."""
        if isinstance(error, InvalidInput) and not self._errors:
            self.charge(error, spent)
            raise error
        self.lost += spent_by(error) or spent
        self._errors.append(error)
        if self.silent is None and isinstance(link, WatchedLLM) and isinstance(error, Silent):
            self.silent = link

    def charge(self, error: GenAIError, spent: Usage = NOTHING) -> None:
        """Have an error that ends the request say what all of it has cost; ``spent`` as above."""
        set_spent(error, self.lost + (spent_by(error) or spent))

    def fall_back(self, link: BaseLLM, error: GenAIError) -> None:
        """Another model than this one has the word now."""
        self.reason = self.reason or f"{link.name}: {error.code}"
        extra = {"model": link.name, "code": error.code}
        logger.warning("a model falls back to the next", extra=extra)

    def end(self) -> NoReturn:
        """Raise what the chain failed by: neither a model that lacks its key nor one that cannot do what
        was asked of another is the reason where another one broke."""
        can = [error for error in self._errors if not isinstance(error, InvalidInput)]
        broke = [error for error in can if not isinstance(error, ModelUnavailable)]
        worst = (broke or can)[-1]
        set_spent(worst, self.lost)
        raise worst from worst.__cause__
