"""Builds evaluators from settings."""

from collections.abc import Iterable
from typing import assert_never

from genai.base.evaluator import BaseEvaluator
from genai.base.llm import BaseLLM
from genai.evaluation.settings import (
    EvaluatorSettings,
    JudgeEvaluator,
    PlainEvaluator,
    RankingEvaluator,
    SQLEvaluator,
)
from genai.evaluators.groundedness import Groundedness
from genai.evaluators.judge import Judge
from genai.evaluators.retrieval import NDCG, Recall
from genai.evaluators.safety import KeepsPersonalData, Refuses
from genai.evaluators.sql_execution import SQLExecution
from genai.evaluators.text import Contains, Exact, TokenF1
from genai.evaluators.tool_calls import ToolCalls
from genai.factory.llm_factory import build_llms
from genai.factory.tool_factory import build_database
from genai.settings.answering import ChatSettings
from genai.settings.application import Settings
from genai.settings.models import LLMSettings

PLAIN: dict[str, type[BaseEvaluator]] = {
    one.name: one
    for one in (Exact, Contains, TokenF1, Groundedness, ToolCalls, Refuses, KeepsPersonalData)
}


def build_evaluators(settings: Iterable[EvaluatorSettings]) -> tuple[BaseEvaluator, ...]:
    return tuple(map(_build, settings))


def _build(settings: EvaluatorSettings) -> BaseEvaluator:
    match settings:
        case PlainEvaluator():
            return PLAIN[settings.evaluator]()
        case RankingEvaluator():
            return Recall(settings.at) if settings.evaluator == "recall" else NDCG(settings.at)
        case SQLEvaluator():
            return SQLExecution(build_database(settings.database))
        case JudgeEvaluator():
            return Judge(build_llm("judge", settings.llm))
        case _:
            assert_never(settings)


def build_llm(name: str, llm: LLMSettings) -> BaseLLM:
    """A model alone, with what protects it."""
    alone = {"llm": name}
    settings = Settings.model_validate(
        {"llms": {name: llm}, "chat": ChatSettings(llm=name), "rag": alone, "agent": alone}
    )
    return build_llms(settings, None)[name]
