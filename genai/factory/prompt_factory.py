"""Builds the configured system prompts, each with a canary mark."""

from genai.base.prompt import BasePrompt
from genai.prompts.marked import MarkedPrompt
from genai.prompts.template import load_prompt
from genai.settings.application import Settings

_OF_ANSWERERS = ("rag", "react", "react_native", "merge", "delegate")


def build_prompt(name: str) -> BasePrompt:
    """The prompt of that name, marked. Raises `Misconfigured` when there is none."""
    prompt = load_prompt(name)
    return MarkedPrompt(prompt, prompt.system)


def system_prompts(settings: Settings) -> tuple[str, ...]:
    """What no answer may tell, as it stands in the settings and the files."""
    return (settings.chat.system_prompt, *(load_prompt(name).system for name in _OF_ANSWERERS))
