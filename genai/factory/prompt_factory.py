"""Builds the configured system prompts, each with a canary mark."""

from genai.base.prompt import BasePrompt
from genai.prompts.marked import MarkedPrompt
from genai.prompts.template import load_prompt
from genai.settings.application import Settings

_OF_ANSWERERS = ("rag", "react", "react_native", "merge", "delegate")


def build_prompt(name: str) -> BasePrompt:
    """The marked prompt of that name. Raises `Misconfigured` if it does not exist."""
    prompt = load_prompt(name)
    return MarkedPrompt(prompt, prompt.system)


def system_prompts(settings: Settings) -> tuple[str, ...]:
    """The system prompts in settings and files, which no answer may reveal."""
    return (settings.chat.system_prompt, *(load_prompt(name).system for name in _OF_ANSWERERS))
