"""Chooses the guard by policy: the tenant of the request, and the route of the answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict


@dataclass(frozen=True, slots=True)
class Policy:
    """``guard`` applies to these tenants and routes; an empty list means all."""

    tenants: Collection[str]
    routes: Collection[str]
    guard: Guard

    def fits(self, context: RequestContext) -> bool:
        return (not self.tenants or context.tenant in self.tenants) and (
            not self.routes or context.route in self.routes
        )


class ByPolicy(Guard):
    """Uses the first matching policy, else ``usual``."""

    def __init__(self, policies: Sequence[Policy], usual: Guard) -> None:
        self._policies = tuple(policies)
        self._usual = usual

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        fitting = (policy.guard for policy in self._policies if policy.fits(context))
        guard = next(fitting, self._usual)
        return await guard.async_inspect(text, stage, context, final=final, start=start)
