"""Settings of the traffic log and the alerts."""

from pydantic import Field

from genai.section import Section


class TrafficSettings(Section):
    """The traffic log, without texts, for comparing model versions and detecting drift.

    For the share ``sampled`` of requests, question embedding and groundedness are recorded as well, as
    long as that takes less than ``busy_share`` of each replica's time.
    """

    sampled: float = Field(default=0.1, ge=0, le=1)
    busy_share: float = Field(default=0.01, gt=0, le=1)


class AlertSettings(Section):
    """Alerts. ``webhook_env`` names the variable with the address of a webhook.

    ``cost_per_hour_usd`` is the limit of a tenant in any hour. A minute is unusual when it costs
    ``unusual_speed`` times as much as the average minute of the hour before, and at that rate would
    exceed the hourly limit. An alert is not repeated within ``repeat_after_s``.
    """

    webhook_env: str = "ALERT_WEBHOOK_URL"
    cost_per_hour_usd: float = Field(default=10.0, gt=0)
    unusual_speed: float = Field(default=10.0, gt=1)
    slow_request_s: float = Field(default=10.0, gt=0)
    repeat_after_s: int = Field(default=600, ge=1)
