"""Builds the configured agent."""

from genai.agents.react import ReActAgent
from genai.base.agent import BaseAgent
from genai.base.llm import BaseLLM
from genai.factory.tool_factory import build_tools
from genai.prompts.template import load_prompt
from genai.settings import AgentSettings


def build_agent(settings: AgentSettings, llm: BaseLLM) -> BaseAgent:
    return ReActAgent(
        llm,
        build_tools(settings.tools),
        load_prompt("react"),
        max_steps=settings.max_steps,
        timeout=settings.timeout_s,
    )
