"""Settings of the answerers: agent, chat, runs, routing."""

from collections import Counter
from typing import Literal

from pydantic import Field, model_validator

from genai.section import Section
from genai.settings.prompts import FewShotSettings
from genai.settings.tools import SQLToolSettings, ToolSettings


class AgentSettings(Section):
    """The agent. ``max_tokens`` limits the tokens of all model calls of a run, ``max_usd`` their cost.

    ``few_shot`` is for models that get the tools as text, not as native tools.
    """

    llm: str = "analyst"
    few_shot: FewShotSettings | None = None
    tools: tuple[ToolSettings, ...] = (SQLToolSettings(),)
    max_steps: int = Field(default=6, ge=1, le=50)
    max_tokens: int = Field(default=50_000, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def names_of_tools_differ(self) -> "AgentSettings":
        counts = Counter(tool.name for tool in self.tools)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise ValueError(f"tools: two tools are named {' and '.join(twice)}")
        return self


class RunSettings(Section):
    """Durable runs, and the approvals that they wait for.

    When a process stops renewing its lease on a run for ``lease_s``, another one takes the run over;
    each process checks for such runs every ``look_every_s``. An attempt may take ``within_s``.
    Approvals expire after ``approvals_open_for_s``. With ``four_eyes``, nobody can decide on approvals
    of their own runs. Everything is deleted after ``kept_for_s``.
    """

    within_s: float = Field(default=120.0, gt=0)
    lease_s: float = Field(default=5.0, ge=0.05)
    look_every_s: float = Field(default=1.0, gt=0)
    approvals_open_for_s: float = Field(default=86_400.0, gt=0)
    four_eyes: bool = False
    kept_for_s: int = Field(default=7 * 86_400, ge=1)

    @model_validator(mode="after")
    def outlive_their_approvals(self) -> "RunSettings":
        if self.kept_for_s <= self.approvals_open_for_s + self.within_s:
            raise ValueError("kept_for_s must be longer than approvals_open_for_s and within_s")
        return self


class ChatSettings(Section):
    llm: str = "bank"
    system_prompt: str = "You are the assistant of a bank. Answer briefly and truthfully."


class ReplySettings(Section):
    """A fixed reply to messages that consist of the phrases in ``to`` only, such as *good morning*; with
    ``anywhere`` to all messages that contain one of them.
    """

    to: tuple[str, ...] = Field(min_length=1)
    reply: str = Field(min_length=1)
    anywhere: bool = False


class RoutingSettings(Section):
    """Routing of questions.

    ``examples`` is a YAML file of example questions by route. ``weights``, a file written by
    `jobs.train_router` for the same embedder, replaces them.

    ``plans`` names the plan to use instead of a route, or for ``compound`` questions: those of several
    parts.

    ``replies`` are given without asking any model.
    """

    replies: tuple[ReplySettings, ...] = ()
    examples: str = "sample_bank/routes.yaml"
    weights: str = ""
    fallback: Literal["chat", "rag", "agent"] = "rag"
    min_similarity: float = Field(default=0.45, ge=0, le=1)
    plans: dict[Literal["chat", "rag", "agent", "compound"], str] = {}
