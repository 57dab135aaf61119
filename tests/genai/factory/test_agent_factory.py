import json
from pathlib import Path

from genai.events import DraftEvent
from genai.factory.agent_factory import build_agent
from genai.rag.base import Retriever
from genai.settings.answering import AgentSettings
from genai.settings.prompts import FewShotSettings
from genai.settings.tools import CalculatorToolSettings
from tests.support.agents import CannedLLM, a_question
from tests.support.answering import WordGuard


def no_documents() -> Retriever:
    raise AssertionError("no tool searches documents")


def test_the_agent_has_the_limits_of_its_settings() -> None:
    agent = build_agent(
        AgentSettings(max_steps=3, timeout_s=7.0), CannedLLM(""), WordGuard(), no_documents, None
    )

    assert (agent.max_steps, agent.timeout) == (3, 7.0)


async def test_the_agents_model_sees_the_configured_examples(tmp_path: Path) -> None:
    file = tmp_path / "examples.yaml"
    shot = {"variables": {"question": "What is 2 + 2?"}, "reply": "Use the calculator."}
    file.write_text(json.dumps([shot]))
    llm = CannedLLM(json.dumps({"answer": "I do not know."}))
    settings = AgentSettings(
        tools=(CalculatorToolSettings(tool="calculator"),),
        few_shot=FewShotSettings(examples=str(file)),
    )
    agent = build_agent(settings, llm, WordGuard(), no_documents, None)

    events = [event async for event in agent.async_loop(a_question())]

    [request] = llm.requests
    assert isinstance(events[-1], DraftEvent)
    assert [message.content for message in request.messages[1:]] == [
        "What is 2 + 2?",
        "Use the calculator.",
        "How many?",
    ]
