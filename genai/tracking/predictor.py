"""The MLflow model flavour: a prompt in, the model's continuation out.

MLflow stores this file with the weights. The service does not use it; it loads the weights.
"""

import asyncio
import time
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from genai.llms.huggingface import HuggingFaceLLM
from genai.messages import ChatRequest, RequestContext, Sampling
from genai.settings.models import HuggingFaceSettings

WITHIN_S = 60.0
TOKENS = 32


class Predictor(PythonModel):  # type: ignore[misc]  # its base has no types
    def load_context(self, context: Any) -> None:
        """The weights are loaded by the first call of `predict`."""
        folder = context.artifacts["weights"]
        settings = HuggingFaceSettings(backend="huggingface", model=folder, device="cpu")
        self._llm = HuggingFaceLLM("registered", settings)

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> list[str]:
        return asyncio.run(self._answers(list(model_input["prompt"])))

    async def _answers(self, prompts: list[str]) -> list[str]:
        context = RequestContext(
            request_id="mlflow", tenant="mlflow", user="mlflow", deadline=time.time() + WITHIN_S
        )
        request = ChatRequest(messages=(), context=context, sampling=Sampling(max_tokens=TOKENS))
        completions = await asyncio.gather(*(self._llm.async_generate(p, request) for p in prompts))
        return [one.text for one in completions]


mlflow.models.set_model(Predictor())
