"""Monitors the spending of tenants, and alerts on high totals and high rates."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from genai.messages import RequestContext, Usage
from genai.money import usd
from genai.observability.alerts import Alert, AlertSink
from genai.observability.background import Background
from genai.observability.recorder import NoRecorder
from genai.observability.spending import SpendingLedger, Spent
from genai.settings.observability import AlertSettings


@dataclass(frozen=True, slots=True)
class _Expense:
    tenant: str
    micro_usd: int


class CostMonitor(NoRecorder, Background[_Expense]):
    """A `Recorder` of costs. Runs in the background, about once a second."""

    pause_s = 1.0

    def __init__(
        self,
        settings: AlertSettings,
        alerts: AlertSink,
        spending: SpendingLedger,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._alerts = alerts
        self._spending = spending
        self._clock = clock

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None:
        if usage.cost_micro_usd > 0:
            self.offer(_Expense(context.tenant, usage.cost_micro_usd))

    async def async_handle(self, events: list[_Expense]) -> None:
        sums: Counter[str] = Counter()
        for expense in events:
            sums[expense.tenant] += expense.micro_usd
        now = self._clock()
        for tenant, micro_usd in sums.items():
            spent = await self._spending.async_add(tenant, micro_usd, now)
            await self._judge(tenant, spent, now)

    async def _judge(self, tenant: str, spent: Spent, now: float) -> None:
        most = self._settings.cost_per_hour_usd
        hour, minute = usd(spent.hour), usd(spent.minute)
        unusual = max(self._settings.unusual_speed * usd(spent.usual_minute), most / 60)
        if hour >= most:
            await self._alert(
                Alert(
                    kind="cost_per_hour",
                    subject=tenant,
                    value=hour,
                    threshold=most,
                    unit="USD per hour",
                    at=now,
                )
            )
        if minute >= unusual:
            await self._alert(
                Alert(
                    kind="spending_speed",
                    subject=tenant,
                    value=minute,
                    threshold=unusual,
                    unit="USD per minute",
                    at=now,
                )
            )

    async def _alert(self, alert: Alert) -> None:
        pause = self._settings.repeat_after_s
        if await self._spending.async_may_alert(alert.subject, alert.kind, pause, alert.at):
            await self._alerts.async_send(alert)
