"""All settings of the application: the ``args`` of `serve_config.yaml`.

Secrets are not settings: Serve stores these values in the cluster and shows them on its dashboard. A
setting ``..._env`` names an environment variable instead, which the replica reads at its start.

Paths are absolute, or relative to the project's folder.
"""

from collections.abc import Iterator

from pydantic import model_validator

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
    NearestExampleSettings,
    ResilienceSettings,
    VLLMSettings,
)
from genai.settings.observability import AlertSettings, TrafficSettings
from genai.settings.placement import PlacementSettings
from genai.settings.plan_graph import mistakes_in
from genai.settings.plans import HandoffNode, PlanSettings, ToolNode
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
        unknown = [f"{where}: {name}" for where, name in self._named() if name not in self.llms]
        if unknown:
            raise ValueError(f"no such model under llms: {'; '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def models_fall_back_on_others(self) -> "Settings":
        if own := [name for name, llm in self.llms.items() if name in llm.fallbacks]:
            raise ValueError(
                "; ".join(f"llms.{name}.fallbacks: {name} is the model itself" for name in own)
            )
        return self

    @model_validator(mode="after")
    def examples_are_for_models_that_read_them(self) -> "Settings":
        own = isinstance(self.llms[self.agent.llm], AnalystSettings | NearestExampleSettings)
        if own and self.agent.few_shot is not None:
            raise ValueError(f"agent.few_shot: {self.agent.llm} works by examples of its own")
        return self

    def _named(self) -> Iterator[tuple[str, str]]:
        """Every reference to a model by name, with its path in the settings."""
        yield "chat.llm", self.chat.llm
        yield "rag.llm", self.rag.llm
        yield "agent.llm", self.agent.llm
        for name, llm in self.llms.items():
            yield from ((f"llms.{name}.fallbacks", fallback) for fallback in llm.fallbacks)
            if llm.slot_of:
                yield f"llms.{name}.slot_of", llm.slot_of
            match llm:
                case CanarySettings(slots=slots):
                    yield from ((f"llms.{name}.slots", slot) for slot in slots)
                case AdapterSettings(of=base):
                    yield f"llms.{name}.of", base
                case AnalystSettings(model=model):
                    yield f"llms.{name}.model", model
        for plan, settings in self.plans.items():
            for name, node in settings.nodes.items():
                if isinstance(node, HandoffNode) and node.llm is not None:
                    yield f"plans.{plan}.nodes.{name}.llm", node.llm

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
    """Why this model's engine cannot serve the adapter; empty when it can."""
    if not isinstance(base, VLLMSettings) or base.adapters is None:
        return "serves no adapters: that takes the back end vllm with `adapters`"
    if base.slot_of:
        return "is a slot, and exchanged with all adapters; they need a model that stays"
    if base.placement != adapter.placement:
        return f"is placed in {base.placement}, and the adapter in {adapter.placement}"
    return ""
