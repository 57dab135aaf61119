"""Builds the configured system prompts, each with a canary mark."""

from pathlib import Path

from genai.base.prompt import BasePrompt
from genai.prompts.few_shot import FewShotPrompt, read_prompt_examples
from genai.prompts.marked import MarkedPrompt
from genai.prompts.template import load_prompt
from genai.settings.application import Settings
from genai.settings.prompts import FewShotSettings

_OF_ANSWERERS = ("rag", "react", "react_native", "merge", "delegate")


def build_prompt(name: str, few_shot: FewShotSettings | None = None) -> BasePrompt:
    """The marked prompt of that name. Raises `Misconfigured` if it or its examples cannot be used."""
    prompt = load_prompt(name)
    if few_shot is None:
        return MarkedPrompt(prompt, prompt.system)
    examples = read_prompt_examples(Path(few_shot.examples))
    shown = FewShotPrompt(prompt, examples, max_tokens=few_shot.max_tokens)
    return MarkedPrompt(shown, prompt.system)


def system_prompts(settings: Settings) -> tuple[str, ...]:
    """The system prompts in settings and files, which no answer may reveal."""
    return (settings.chat.system_prompt, *(load_prompt(name).system for name in _OF_ANSWERERS))
