"""A process that spends money like a replica of the ingress: admit, call a model, settle.

    python -m tests.support.spender <redis socket> <provider's URL> <name> <requests> <at once>

Prints a line for each request: ``spent``, ``refused`` or ``failed``.
"""

import asyncio
import os
import sys
import time

from genai.access.admission import Admission
from genai.access.demand import Demand
from genai.access.principal import Principal
from genai.access.quotes import Quotes
from genai.access.usage import UsageLedger
from genai.errors import BudgetExceeded, GenAIError, TryLater
from genai.factory.llm_factory import build_llms
from genai.llms.bounds import most_tokens_of
from genai.llms.spent import spent_by
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.messages import ChatRequest, Message, RequestContext, Sampling, Usage
from genai.settings.application import Settings
from genai.settings.state import RedisSettings
from tests.support.billing_provider import OUTPUT_PRICE, PROMPT_PRICE
from tests.support.limiters import limiter_on

BUDGET_USD = 0.02
LEASE_S = 3.0
TRIES = 30
PRINCIPAL = Principal(key_id="k1", tenant="acme", user="ann")


def settings(url: str) -> Settings:
    """Two models of the provider, the second as a fallback."""
    model = {
        "backend": "openai",
        "model": "m",
        "base_url": url,
        "api_key_env": "SPENDER_KEY",
        "max_retries": 0,
        "price": {"input": PROMPT_PRICE, "output": OUTPUT_PRICE},
    }
    used = {name: {"llm": "first"} for name in ("chat", "rag", "agent")}
    return Settings.model_validate(
        {
            "llms": {"first": model | {"fallbacks": ["second"]}, "second": model},
            "limits": {
                "requests_per_minute": 100_000,
                "concurrent_requests": 1000,
                "lease_s": LEASE_S,
            },
            "budgets": {"per_tenant": {"usd_per_day": BUDGET_USD}},
            "resilience": {"breaker_failures": 1000},
        }
        | used
    )


class Spender:
    def __init__(self, socket: str, url: str, name: str) -> None:
        configured = settings(url)
        redis = RedisSettings(embedded_socket=socket, timeout_s=5.0)
        self.store = Store(connect(redis, environ={}), timeout_s=5.0)
        limiter = limiter_on(self.store, configured.limits, configured.budgets)
        self._admission = Admission(limiter, UsageLedger(self.store))
        self._quotes = Quotes(configured)
        self._llm = build_llms(configured, None)["first"]
        self._name = name

    async def insist(self, number: int) -> str:
        """Retry after a refusal, because reservations of others may be released."""
        for _ in range(TRIES):
            outcome = await self.spend(number)
            if outcome != "refused":
                break
            await asyncio.sleep(0.05)
        return outcome

    async def spend(self, number: int) -> str:
        request = self._request(f"{self._name}-{number}", "word " * (number % 9))
        most, length = most_tokens_of(request), request.sampling.max_tokens
        quote = self._quotes.of_model("first", most, length, 30.0)
        demand = Demand("first", 10, quote)
        try:
            permit = await self._admission.async_admit(
                PRINCIPAL, demand, request_id=request.context.request_id
            )
        except BudgetExceeded:
            return "refused"
        except TryLater:
            return "failed"
        usage: Usage | None = None
        allowed = {"allowance_micro_usd": permit.allowance_micro_usd}
        context = request.context.model_copy(update=allowed)
        try:
            usage = (
                await self._llm.async_chat(request.model_copy(update={"context": context}))
            ).usage
            return "spent"
        except GenAIError as error:
            usage = spent_by(error) or Usage()
            return "failed"
        finally:
            await permit.async_settle(usage)

    def _request(self, request_id: str, text: str) -> ChatRequest:
        return ChatRequest(
            messages=(Message(role="user", content=text),),
            context=RequestContext(
                request_id=request_id, tenant="acme", user="ann", deadline=time.time() + 30
            ),
            sampling=Sampling(max_tokens=20),
        )


async def main(socket: str, url: str, name: str, requests: int, at_once: int) -> None:
    os.environ["SPENDER_KEY"] = "key"
    spender = Spender(socket, url, name)
    slots = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with slots:
            outcome = await spender.insist(number)
        sys.stdout.write(outcome + "\n")
        sys.stdout.flush()

    await asyncio.gather(*map(one, range(requests)))
    await spender.store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
