"""Settings of a promotion: the config of `jobs.promote`."""

from pydantic import Field

from genai.promotion.gate import GateSettings
from genai.promotion.live import LiveSettings
from genai.section import Section


class PromoteSettings(Section):
    """``model`` is the name of the model in the service's settings (a ``canary``), ``name`` its name
    in the registry, ``candidate`` the version or alias to promote.

    ``challenger`` and ``champion`` are their ``evaluation.json``; without that of the champion, the gate
    applies only its ``reach`` rules. The candidate gets ``shadow_requests`` first, then the ``shares`` of
    the sessions one after the other. The audit log of ``tenant`` records the promotion.
    """

    model: str
    name: str
    candidate: str = "candidate"
    challenger: str
    champion: str = ""
    gate: GateSettings
    live: LiveSettings = LiveSettings()
    shadow_requests: int = Field(default=0, ge=0)
    shadow_errors: float = Field(default=0.02, ge=0, le=1)
    shares: tuple[float, ...] = Field(default=(0.1, 0.5), min_length=1)
    look_every_s: float = Field(default=10.0, gt=0)
    load_within_s: float = Field(default=300.0, gt=0)
    within_s: float = Field(default=86_400.0, gt=0)
    tenant: str = "default"
    seed: int = 0
