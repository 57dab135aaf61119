"""The shape of the application: what `serve_config.yaml` may say under ``args``.

Secrets are not here. Serve stores these values in the cluster and shows them on its dashboard, so a
setting names the environment variable (``..._env``) and the replica reads it when it starts.

Paths are relative to the project's folder, or absolute.
"""

from collections.abc import Iterator

from pydantic import model_validator

from genai.plans.graph import mistakes_in
from genai.plans.settings import HandoffNode, PlanSettings, ToolNode
from genai.section import Section
from genai.settings.access import (
    AuditSettings,
    BudgetSettings,
    HTTPSettings,
    LimitSettings,
    OverloadSettings,
)
from genai.settings.answering import AgentSettings, ChatSettings, RoutingSettings, RunSettings
from genai.settings.documents import MiniLMSettings, RAGSettings
from genai.settings.models import (
    AdapterSettings,
    AnalystSettings,
    CanarySettings,
    LLMSettings,
    ResilienceSettings,
    VLLMSettings,
)
from genai.settings.observability import AlertSettings, TrafficSettings
from genai.settings.placement import PlacementSettings
from genai.settings.safety import SafetySettings
from genai.settings.state import DataKeySettings, MemorySettings, RedisSettings
from genai.settings.tools import MCPToolSettings


class Settings(Section):
    llms: dict[str, LLMSettings]
    resilience: ResilienceSettings = ResilienceSettings()
    embedder: MiniLMSettings = MiniLMSettings()
    chat: ChatSettings = ChatSettings()
    rag: RAGSettings = RAGSettings()
    agent: AgentSettings = AgentSettings()
    plans: dict[str, PlanSettings] = {}
    runs: RunSettings = RunSettings()
    routing: RoutingSettings = RoutingSettings()
    safety: SafetySettings = SafetySettings()
    memory: MemorySettings = MemorySettings()
    redis: RedisSettings = RedisSettings()
    data_key: DataKeySettings = DataKeySettings()
    limits: LimitSettings = LimitSettings()
    overload: OverloadSettings = OverloadSettings()
    budgets: BudgetSettings = BudgetSettings()
    audit: AuditSettings = AuditSettings()
    http: HTTPSettings = HTTPSettings()
    alerts: AlertSettings = AlertSettings()
    traffic: TrafficSettings = TrafficSettings()
    placement: PlacementSettings = PlacementSettings()

    @model_validator(mode="after")
    def names_are_known(self) -> "Settings":
        """Every model that is named anywhere must be configured."""
        named = {
            "chat.llm": self.chat.llm,
            "rag.llm": self.rag.llm,
            "agent.llm": self.agent.llm,
        } | {
            f"llms.{name}.fallbacks": fallback
            for name, llm in self.llms.items()
            for fallback in llm.fallbacks
        }
        named |= {
            f"llms.{name}.slots": slot
            for name, llm in self.llms.items()
            if isinstance(llm, CanarySettings)
            for slot in llm.slots
        }
        named |= {
            f"plans.{plan}.nodes.{name}.llm": node.llm
            for plan, settings in self.plans.items()
            for name, node in settings.nodes.items()
            if isinstance(node, HandoffNode) and node.llm is not None
        }
        named |= {
            f"llms.{name}.of": llm.of
            for name, llm in self.llms.items()
            if isinstance(llm, AdapterSettings)
        }
        named |= {
            f"llms.{name}.model": llm.model
            for name, llm in self.llms.items()
            if isinstance(llm, AnalystSettings)
        }
        unknown = [f"{where}: {name}" for where, name in named.items() if name not in self.llms]
        if unknown:
            raise ValueError(f"no such model under llms: {'; '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def plans_can_be_carried_out(self) -> "Settings":
        mistakes = [
            f"plans.{name}: {mistake}"
            for name, plan in self.plans.items()
            for mistake in (*mistakes_in(plan), *self._tools_lacking(plan))
        ]
        mistakes += [
            f"routing.plans.{route}: there is no plan {name}"
            for route, name in self.routing.plans.items()
            if name not in self.plans
        ]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    def _tools_lacking(self, plan: PlanSettings) -> Iterator[str]:
        known = {tool.name for tool in self.agent.tools if not isinstance(tool, MCPToolSettings)}
        for name, node in plan.nodes.items():
            if isinstance(node, ToolNode) and node.tool not in known:
                yield f"{name}: there is no tool {node.tool} under agent.tools"

    @model_validator(mode="after")
    def adapters_have_an_engine(self) -> "Settings":
        for name, llm in self.llms.items():
            if isinstance(llm, AdapterSettings) and (why := _unfit(self.llms[llm.of], llm)):
                raise ValueError(f"llms.{name}: {llm.of} {why}")
        return self


def _unfit(base: LLMSettings, adapter: AdapterSettings) -> str:
    """Why the adapter cannot be served by the engine of this model; empty when it can."""
    if not isinstance(base, VLLMSettings) or base.adapters is None:
        return "serves no adapters: that takes the back end vllm with `adapters`"
    if base.slot_of:
        return "is a slot, and exchanged with all adapters; they need a model that stays"
    if base.placement != adapter.placement:
        return f"is placed in {base.placement}, and the adapter in {adapter.placement}"
    return ""
