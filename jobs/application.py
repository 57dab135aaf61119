"""Access of a job to the application: built in its own process, or the running one."""

from pathlib import Path
from typing import Any

from ray import serve

from deployments.app import build_app
from deployments.calls import call
from genai.messages import Answer, Question
from jobs.traffic import service_settings


class Handle:
    """`Ingress.answer` behind a handle."""

    def __init__(self, handle: Any) -> None:
        self._answer = handle.answer

    async def async_answer(self, question: Question) -> Answer:
        within_s = question.context.remaining_s()
        return await call(self._answer, question, returns=Answer, within_s=within_s)


def in_process(config: Path) -> Handle:
    """The configured application in this process, without a cluster."""
    app = build_app(service_settings(config))
    return Handle(serve.run(app, _local_testing_mode=True))


def behind_handle(app: str) -> Handle:
    return Handle(serve.get_app_handle(app))
