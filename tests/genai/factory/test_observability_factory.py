import time

from genai.factory.observability_factory import build_observability
from genai.messages import RequestContext, Usage
from genai.observability.metrics import rendered
from genai.settings.observability import AlertSettings
from tests.support.webhook import webhook_receiver

CONTEXT = RequestContext(request_id="r1", tenant="acme", user="ann", deadline=time.time())


async def test_spending_too_much_reaches_the_webhook() -> None:
    async with webhook_receiver() as receiver:
        settings = AlertSettings(cost_per_hour_usd=1.0)
        observability = build_observability(settings, environ={"ALERT_WEBHOOK_URL": receiver.url})

        observability.recorder.usage(CONTEXT, "bank", Usage(cost_micro_usd=2_000_000))
        alert = await receiver.first()
        await observability.async_close()

    assert alert["kind"] == "cost_per_hour"
    assert (alert["subject"], alert["value"]) == ("acme", 2.0)


async def test_one_recorder_feeds_everything() -> None:
    observability = build_observability(AlertSettings(), environ={})

    observability.recorder.request(
        request_id="r1", operation="chat", status=200, seconds=0.1, tenant="acme"
    )
    await observability.latencies.async_drain()
    await observability.async_close()

    shown = rendered({"r1": observability.metrics.counted()}, {})
    assert b'genai_requests_total{replica="r1",route="chat",status="200"} 1.0' in shown
    assert observability.latencies.latencies()[0].step == "request.chat"
