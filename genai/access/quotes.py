"""Computes the maximum cost of a request, which is reserved before it runs.

A fallback chain may use each of its models, except those without their API key. `PricedLLM` enforces the
reserved amount, so a quote that is too low shortens an answer but never overspends.
"""

from collections.abc import Mapping

from genai.llms.bounds import MARKS_PER_PART
from genai.llms.wrappers.priced import Tariff
from genai.messages import Route
from genai.money import micro_usd
from genai.plans.calls import Calls, calls_at_most
from genai.settings.application import Settings
from genai.settings.chains import lacks_key, parts_of

BYTES_PER_TOKEN = 4
PASSAGE_BYTES_PER_TOKEN = 8
TEMPLATE_BYTES = 4096
"""Upper bound of the fixed text of a prompt template."""

STEP_BYTES = 4096
"""Upper bound of an agent's action and its observation in the next prompt."""

ACTION_TOKENS = 512
CALLS_PER_STEP = 2

MATERIAL_BYTES = 32_768
PLAN_TOKENS = 2048
"""Upper bounds of input and output of the calls that split a question or merge answers."""


class Quotes:
    """Quotes in micro-dollars, from the prices in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._tariffs = {name: _tariffs(settings, name) for name in settings.llms}
        self._run = settings.budgets.usd_per_run
        self._most_run = micro_usd(self._run)
        self._chat, self._rag = settings.chat.llm, settings.rag.llm
        self._agent, self._steps = settings.agent.llm, settings.agent.max_steps
        self._history = settings.memory.max_tokens * BYTES_PER_TOKEN
        self._passages = settings.rag.top_k * (
            settings.rag.chunk_tokens * PASSAGE_BYTES_PER_TOKEN + MARKS_PER_PART
        )
        self._agent_within_s = settings.agent.timeout_s
        self._calls = {name: calls_at_most(plan) for name, plan in settings.plans.items()}
        self._routed: dict[str, str] = dict(settings.routing.plans.items())

    @property
    def free(self) -> bool:
        """Whether no model has a price."""
        return not any(self._tariffs.values())

    def of_model(self, name: str, prompt_tokens: int, max_tokens: int, within_s: float) -> int:
        """The maximum cost of one call of a model, including its fallbacks."""
        return self._bounded(self._chain(name, prompt_tokens, max_tokens, within_s))

    def of_question(
        self, route: Route, text_bytes: int, max_tokens: int, within_s: float, plan: str = ""
    ) -> int:
        """The maximum cost of a question to the assistant; of the dearest route if it is ``auto``."""
        if self.free:
            return 0
        prompt = text_bytes + self._history + TEMPLATE_BYTES
        quotes: dict[str, int] = {
            "chat": self._chain(self._chat, prompt, max_tokens, within_s),
            "rag": self._chain(self._rag, prompt + self._passages, max_tokens, within_s),
            "agent": self._loop(prompt, min(within_s, self._agent_within_s)),
        }
        for name in {plan, *self._routed.values()} & self._calls.keys():
            quotes[f"plan {name}"] = self._by_plan(self._calls[name], quotes, prompt, within_s)
        if plan:
            return self._bounded(quotes.get(f"plan {plan}", 0))
        return self._bounded(
            max(quotes.values()) if route == "auto" else self._by_route(route, quotes)
        )

    def _by_route(self, route: Route, quotes: Mapping[str, int]) -> int:
        plan = self._routed.get(route, "")
        return quotes[f"plan {plan}" if plan else route]

    def _by_plan(
        self, calls: Calls, quotes: Mapping[str, int], prompt: int, within_s: float
    ) -> int:
        """The sum of all calls that a plan can make, each at its maximum."""
        found = prompt + MATERIAL_BYTES
        merged = self._chain(self._chat, found, PLAN_TOKENS, within_s)
        models = {name: self._chain(name, found, PLAN_TOKENS, within_s) for name in calls.models}
        answered = sum(quotes[route] * number for route, number in calls.routes.items())
        supervised = sum(models[name] * number for name, number in calls.models.items())
        return answered + supervised + merged * calls.merges

    def _chain(self, name: str, prompt: int, max_tokens: int, within_s: float) -> int:
        return sum(t.most(prompt, max_tokens, within_s) for t in self._tariffs.get(name, ()))

    def _loop(self, prompt: int, within_s: float) -> int:
        """Up to two calls for each step, because a malformed reply is repeated; time is paid once."""
        steps = range(self._steps + 1)
        longest = [prompt + step * STEP_BYTES * CALLS_PER_STEP for step in steps]
        tokens = sum(
            CALLS_PER_STEP * self._chain(self._agent, length, ACTION_TOKENS, 0.0)
            for length in longest
        )
        return tokens + self._chain(self._agent, 0, 0, within_s)

    def _bounded(self, quote: int) -> int:
        return quote if self._most_run is None else min(quote, self._most_run)


def _tariffs(settings: Settings, name: str) -> tuple[Tariff, ...]:
    links = [settings.llms[link] for link in parts_of(settings, name)]
    prices = [link.price for link in links if not lacks_key(link)]
    return tuple(Tariff(price) for price in prices if not price.free)
