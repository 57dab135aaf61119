"""Routes orders to the agent, the only one who can carry them out."""

from collections.abc import Callable, Sequence

from genai.routing.base import Judgement, Router

IsOrder = Callable[[Sequence[str]], bool]
"""Whether the last of some messages is an executable order, and nothing else."""


class OrdersFirst:
    """A `Router` that passes everything but orders to another one."""

    def __init__(self, router: Router, ordered: IsOrder) -> None:
        self._router = router
        self._ordered = ordered

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        ordered = [self._ordered([text]) for text in texts]
        rest = [text for text, is_order in zip(texts, ordered, strict=True) if not is_order]
        judged = iter(await self._router.async_judge(rest) if rest else ())
        order = Judgement("agent", 1.0)
        return [order if is_order else next(judged) for is_order in ordered]
