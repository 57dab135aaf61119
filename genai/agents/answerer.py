"""Adapts an agent to the interface of answerers."""

from collections.abc import AsyncIterator

from genai.base.agent import BaseAgent
from genai.base.answerer import BaseAnswerer
from genai.events import DraftStreamEvent
from genai.messages import Question


class AgentAnswerer(BaseAnswerer):
    def __init__(self, agent: BaseAgent) -> None:
        self._agent = agent

    def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        return self._agent.async_loop(question)
