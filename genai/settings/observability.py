"""What is watched, and who is told."""

from pydantic import Field

from genai.section import Section


class TrafficSettings(Section):
    """What is remembered of requests, without their texts, to compare versions and notice drift.

    Of a share ``sampled`` also where the question lies among others, and how grounded the answer is,
    as far as each replica finds the time for that: ``busy_share`` of it.
    """

    sampled: float = Field(default=0.1, ge=0, le=1)
    busy_share: float = Field(default=0.01, gt=0, le=1)


class AlertSettings(Section):
    """When somebody is told. ``webhook_env`` names the variable with the address of a webhook.

    ``cost_per_hour_usd`` is what a tenant may spend in any hour. A minute is unusual when it is
    ``unusual_speed`` times as expensive as the minutes of the hour before, and its pace would reach
    the hour's sum. The same alert is not repeated within ``repeat_after_s``.
    """

    webhook_env: str = "ALERT_WEBHOOK_URL"
    cost_per_hour_usd: float = Field(default=10.0, gt=0)
    unusual_speed: float = Field(default=10.0, gt=1)
    slow_request_s: float = Field(default=10.0, gt=0)
    repeat_after_s: int = Field(default=600, ge=1)
