"""Which models a model needs: its fallbacks, and those that it is composed of."""

import os

from genai.settings.application import Settings
from genai.settings.models import (
    AdapterSettings,
    AnalystSettings,
    CanarySettings,
    LLMSettings,
    OpenAISettings,
)


def chain_of(settings: Settings, name: str) -> tuple[str, ...]:
    """The model and its fallbacks, in the order in which they are asked."""
    chain: dict[str, None] = {}

    def follow(link: str) -> None:
        if link not in chain:
            chain[link] = None
            for fallback in settings.llms[link].fallbacks:
                follow(fallback)

    follow(name)
    return tuple(chain)


def parts_of(settings: Settings, name: str) -> set[str]:
    """All models needed to build this one."""
    chain = chain_of(settings, name)
    configured = [settings.llms[link] for link in chain]
    parts = {part for llm in configured for part in components_of(llm)}
    bases = {
        llm.of
        for llm in (*configured, *(settings.llms[part] for part in parts))
        if isinstance(llm, AdapterSettings)
    }
    return {*chain, *parts, *bases}


def lacks_key(configured: LLMSettings) -> bool:
    """Whether its API key is missing in this installation."""
    return isinstance(configured, OpenAISettings) and not os.environ.get(configured.api_key_env)


def components_of(configured: LLMSettings) -> tuple[str, ...]:
    """The models that this one is composed of."""
    match configured:
        case CanarySettings(slots=slots):
            return slots
        case AnalystSettings(model=model):
            return (model,)
        case _:
            return ()
