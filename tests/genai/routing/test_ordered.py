from collections.abc import Sequence

from genai.routing.base import Judgement
from genai.routing.ordered import OrdersFirst


class Everywhere:
    """Sends all to the documents, and knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        self.asked += texts
        return [Judgement("rag", 0.5) for _ in texts]


async def test_orders_go_to_the_agent_and_other_texts_to_the_inner_router() -> None:
    inner = Everywhere()
    router = OrdersFirst(inner, lambda texts: texts[-1].startswith("block"))

    judged = await router.async_judge(["what?", "block 7", "how?"])

    assert judged == [Judgement("rag", 0.5), Judgement("agent", 1.0), Judgement("rag", 0.5)]
    assert inner.asked == ["what?", "how?"]


async def test_orders_alone_need_no_other_router() -> None:
    inner = Everywhere()

    assert await OrdersFirst(inner, lambda texts: True).async_judge(["block 7"]) == [("agent", 1.0)]
    assert inner.asked == []
