import pytest

from genai.factory.routing_factory import assigned_by
from genai.settings.application import Settings
from tests.genai.factory.test_llm_factory import SCRIPT, settings
from tests.support.answering import question

VERSION = {"backend": "vllm", "model": "m", "slot_of": "bank"}
BANK = {"backend": "canary", "slots": ["blue", "green"]}


async def test_a_model_without_slots_assigns_none() -> None:
    assert await assigned_by(settings())(question()) == ""


async def test_the_first_slot_is_assigned_while_the_routing_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    configured = Settings.model_validate(
        {
            "llms": {"a": SCRIPT, "bank": BANK, "blue": VERSION, "green": VERSION},
            "chat": {"llm": "bank"},
            "rag": {"llm": "a"},
            "agent": {"llm": "a"},
        }
    )

    assert await assigned_by(configured)(question()) == "blue"
