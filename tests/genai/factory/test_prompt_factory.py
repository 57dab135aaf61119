from pathlib import Path

import pytest

from genai.factory.prompt_factory import build_prompt, system_prompts
from genai.prompts.template import load_prompt
from genai.settings.application import Settings
from genai.settings.prompts import FewShotSettings

EXAMPLE = """
- variables: {question: "How long?", passages: Loans run four weeks.}
  reply: Four weeks. [1]
"""


def test_a_prompt_has_a_mark_and_the_text_of_its_file() -> None:
    system, user = build_prompt("rag").render(question="Why?", passages="Because.")

    mark, _, text = system.content.partition("] ")
    assert mark.startswith("[")
    assert text == load_prompt("rag").system
    assert user.content.endswith("Question: Why?")


def test_configured_examples_are_shown_under_the_same_mark(tmp_path: Path) -> None:
    file = tmp_path / "examples.yaml"
    file.write_text(EXAMPLE)
    asked = {"question": "Why?", "passages": "Because."}

    messages = build_prompt("rag", FewShotSettings(examples=str(file))).render(**asked)

    system, asked_before, replied, user = messages
    assert (system, user) == build_prompt("rag").render(**asked)
    assert "Loans run four weeks." in asked_before.content
    assert (replied.role, replied.content) == ("assistant", "Four weeks. [1]")


@pytest.mark.parametrize("name", ["rag", "react", "react_native", "merge", "delegate"])
def test_no_answer_may_reveal_the_system_prompt_of_any_answerer(name: str) -> None:
    settings = Settings.model_validate(
        {
            "llms": {"m": {"backend": "scripted"}},
            **{route: {"llm": "m"} for route in ("rag", "agent")},
            "chat": {"llm": "m", "system_prompt": "Be the bank."},
        }
    )

    secret = system_prompts(settings)

    assert load_prompt(name).system in secret
    assert "Be the bank." in secret
