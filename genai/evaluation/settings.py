"""Settings of an evaluation: the config of `jobs.evaluate`."""

from typing import Annotated, Literal

from pydantic import Field

from genai.section import Section
from genai.settings.models import LLMSettings
from genai.settings.tools import SQLToolSettings


class ModelSubjectSettings(Section):
    """A model alone. ``model`` is a folder, ``models:/<name>/<version or alias>``, or a hub's name.

    It runs in transformers, in the process of the job. With ``llm``, any back end of the service is
    used instead.
    """

    subject: Literal["model"]
    model: str = ""
    llm: LLMSettings | None = None
    max_model_len: int = Field(default=2048, ge=128)
    system_prompt: str = ""


class ConfigSubjectSettings(Section):
    """The application configured by a file, in the process of the job."""

    subject: Literal["config"]
    path: str = "serve_config.yaml"


class LiveSubjectSettings(Section):
    """The running application, over HTTP, or with an empty ``url`` through its Ray Serve handle.

    ``key_env`` names the variable with the API key.
    """

    subject: Literal["live"]
    url: str = "http://127.0.0.1:8000"
    key_env: str = "GENAI_KEY"
    app: str = "assistant"
    tenant: str = "evaluation"


SubjectSettings = Annotated[
    ModelSubjectSettings | ConfigSubjectSettings | LiveSubjectSettings,
    Field(discriminator="subject"),
]


class PlainEvaluator(Section):
    evaluator: Literal[
        "exact", "contains", "f1", "groundedness", "tool_calls", "refusal", "privacy"
    ]


class RankingEvaluator(Section):
    evaluator: Literal["recall", "ndcg"]
    at: int = Field(default=5, ge=1)


class SQLEvaluator(Section):
    evaluator: Literal["sql"]
    database: SQLToolSettings = SQLToolSettings()


class JudgeEvaluator(Section):
    evaluator: Literal["judge"]
    llm: LLMSettings


EvaluatorSettings = Annotated[
    PlainEvaluator | RankingEvaluator | SQLEvaluator | JudgeEvaluator,
    Field(discriminator="evaluator"),
]


class EvaluateSettings(Section):
    """``data`` is a file of examples, or a data set of `jobs.prepare`, of which ``part`` is used.

    ``baseline`` is the ``evaluation.json`` of the champion to compare with; a missing file is ignored.
    ``output`` is the folder of the report and the rows.
    """

    name: str = Field(pattern=r"^[\w-]+$")
    subject: SubjectSettings
    data: str
    part: Literal["train", "validation", "test"] = "test"
    at_most: int | None = Field(default=None, ge=1)
    evaluators: tuple[EvaluatorSettings, ...] = Field(min_length=1)
    concurrency: int = Field(default=8, ge=1)
    within_s: float = Field(default=60.0, gt=0)
    max_tokens: int = Field(default=256, ge=1)
    baseline: str | None = None
    output: str = "var/evaluations"
    seed: int = 0
    most_errors: float = Field(default=0.2, ge=0, le=1)
