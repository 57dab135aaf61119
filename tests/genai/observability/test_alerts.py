import logging

import pytest

from genai.observability.alerts import Alert, AlertLog, AlertSinks, Webhook
from tests.support.webhook import webhook_receiver

ALERT = Alert(
    kind="cost_per_hour", subject="acme", value=12.5, threshold=10.0, unit="USD per hour", at=1.0
)


async def test_a_webhook_receives_the_alert_as_json() -> None:
    async with webhook_receiver() as receiver:
        sink = Webhook(receiver.url)
        await sink.async_send(ALERT)
        await sink.async_close()

    assert receiver.received == [ALERT.model_dump()]


async def test_a_failed_delivery_is_retried_once() -> None:
    async with webhook_receiver(failing=1) as receiver:
        sink = Webhook(receiver.url)
        await sink.async_send(ALERT)
        await sink.async_close()

    assert len(receiver.received) == 1


async def test_an_undelivered_alert_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with webhook_receiver() as receiver:
        url = receiver.url
    sink = Webhook(url)

    await sink.async_send(ALERT)
    await sink.async_close()

    assert [record.message for record in caplog.records] == ["alert not delivered"]
    assert url not in caplog.text


async def test_an_alert_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sinks = AlertSinks([AlertLog()])

    with caplog.at_level(logging.WARNING):
        await sinks.async_send(ALERT)
    await sinks.async_close()

    assert caplog.records[0].message == "alert"
    assert vars(caplog.records[0])["subject"] == "acme"
