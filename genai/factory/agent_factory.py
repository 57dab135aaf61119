"""Builds the configured agent."""

from genai.agents.react import ReActAgent
from genai.base.agent import BaseAgent
from genai.base.llm import BaseLLM
from genai.factory.tool_factory import build_tools
from genai.prompts.template import load_prompt
from genai.safety.base import Guard
from genai.settings import AgentSettings
from genai.tools.guarded import GuardedTool


def build_agent(settings: AgentSettings, llm: BaseLLM, guard: Guard) -> BaseAgent:
    """``guard`` checks what the tools answer, before the model reads it."""
    return ReActAgent(
        llm,
        [GuardedTool(tool, guard) for tool in build_tools(settings.tools)],
        load_prompt("react"),
        max_steps=settings.max_steps,
        timeout=settings.timeout_s,
    )
