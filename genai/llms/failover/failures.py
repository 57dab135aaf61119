"""Collects the errors and costs of one request along a chain of models."""

import logging
from typing import NoReturn

from genai.base.llm import BaseLLM
from genai.errors import GenAIError, InvalidInput, ModelUnavailable
from genai.llms.failover.watched import Silent, WatchedLLM
from genai.llms.spent import Ending, forget_spent, set_spent, spent_by, was_cut_off
from genai.messages import Usage

logger = logging.getLogger(__name__)

NOTHING = Usage()


class ChainFailures:
    """The errors of one request so far, and the usage of the failed calls."""

    def __init__(self) -> None:
        self.lost = Usage()
        self.reason: str | None = None
        self.silent: WatchedLLM | None = None
        """The first model that failed only by silence: it may still be alive."""
        self._errors: list[GenAIError] = []

    def add(self, link: BaseLLM, error: GenAIError, spent: Usage = NOTHING) -> None:
        """Record an error. ``spent`` is the usage, where the error does not carry it.

        Raises `InvalidInput` of the first model: then the request itself is wrong.
        """
        if isinstance(error, InvalidInput) and not self._errors:
            self.charge(error, spent)
            raise error
        self.lost += spent_by(error) or spent
        self._errors.append(error)
        if self.silent is None and isinstance(link, WatchedLLM) and isinstance(error, Silent):
            self.silent = link

    def charge(self, error: Ending, spent: Usage | None = None) -> None:
        """Attach the usage of the whole chain to an error that ends the request; unknown when the usage
        of the last call is."""
        own = spent_by(error) or spent
        if own is None and was_cut_off(error):
            forget_spent(error)
        else:
            set_spent(error, self.lost + (own or NOTHING))

    def fall_back(self, link: BaseLLM, error: GenAIError) -> None:
        """Log that the chain moves on from ``link``, and keep the first reason."""
        self.reason = self.reason or f"{link.name}: {error.code}"
        extra = {"model": link.name, "code": error.code}
        logger.warning("a model falls back to the next", extra=extra)

    def end(self) -> NoReturn:
        """Raise the error of the chain: the last real failure.

        A model without a key, or one that does not support the request, only counts when nothing else
        failed.
        """
        can = [error for error in self._errors if not isinstance(error, InvalidInput)]
        broke = [error for error in can if not isinstance(error, ModelUnavailable)]
        worst = (broke or can)[-1]
        set_spent(worst, self.lost)
        raise worst from worst.__cause__
