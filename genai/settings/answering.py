"""Who answers a question, and within which limits."""

from typing import Literal

from pydantic import Field, model_validator

from genai.section import Section
from genai.settings.tools import SQLToolSettings, ToolSettings


class AgentSettings(Section):
    """``max_tokens`` bounds what all calls of a run may read and write together, ``max_usd`` what they
    may cost, where a budget does not allow less.
    """

    llm: str = "analyst"
    tools: tuple[ToolSettings, ...] = (SQLToolSettings(),)
    max_steps: int = Field(default=6, ge=1, le=50)
    max_tokens: int = Field(default=50_000, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)


class RunSettings(Section):
    """Runs that outlive the process they began in, and the approvals that they wait for.

    ``lease_s`` is how long a run stays with a process that no longer says that it works on it, and
    ``look_every_s`` how often each process looks for such runs. An attempt ends ``within_s``.
    Approvals can be given for ``approvals_open_for_s``. With ``four_eyes`` nobody decides about what
    came up in a run of their own. Everything is forgotten after ``kept_for_s``.
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
    """What is said to a message that is no question; ``to`` are phrases such as *good morning*."""

    to: tuple[str, ...] = Field(min_length=1)
    reply: str = Field(min_length=1)


class RoutingSettings(Section):
    """``examples`` is a YAML file: example questions by route. With ``weights``, a file that
    `jobs.train_router` wrote for the same embedder, what was learnt there routes in their place.

    ``plans`` names the plan that answers in place of a route, or ``compound`` questions: those of several
    parts.

    ``replies`` answer messages that consist of their phrases alone; nothing is looked up for these.
    """

    replies: tuple[ReplySettings, ...] = ()
    examples: str = "sample_bank/routes.yaml"
    weights: str = ""
    fallback: Literal["chat", "rag", "agent"] = "rag"
    min_similarity: float = Field(default=0.45, ge=0, le=1)
    plans: dict[Literal["chat", "rag", "agent", "compound"], str] = {}
