"""Settings of the language models, their fallbacks and their protection."""

from typing import Annotated, Literal

from pydantic import Field

from genai.section import Section


class Price(Section):
    """The price of a model, in dollars per million tokens or per hour of use.

    ``cached_input`` applies to prompt tokens that the provider had cached; without it, ``input`` does.
    ``per_hour`` is for own machines: the cost of a replica per hour, divided among the requests that
    run at the same time.
    """

    input: float = Field(default=0.0, ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    output: float = Field(default=0.0, ge=0)
    per_hour: float = Field(default=0.0, ge=0)

    @property
    def free(self) -> bool:
        return not (self.input or self.output or self.per_hour or self.cached_input)


class LLMSection(Section):
    """Settings of all back ends. ``fallbacks`` names the models that answer when this one fails.

    ``placement`` is the deployment that hosts the model, or ``inline`` for each caller's own process.
    With ``native_tools``, agents use the model's own tool-call protocol instead of JSON in text.

    ``slot_of`` names the `canary` that this model is a slot of. Its ``model`` applies until the first
    version is promoted.
    """

    placement: str = "LLM"
    slot_of: str = ""
    fallbacks: tuple[str, ...] = ()
    native_tools: bool = False
    price: Price = Price()


class AdapterLimits(Section):
    """Limits for the LoRA adapters of one engine: ``loaded`` at once, each of at most ``max_rank`` and
    ``max_mb`` on disk. Their memory is reserved when the engine starts.
    """

    loaded: int = Field(default=4, ge=1, le=256)
    max_rank: Literal[8, 16, 32, 64, 128, 256] = 16
    max_mb: float = Field(default=512.0, gt=0)


class VLLMSettings(LLMSection):
    """A vLLM engine in the replica's process. ``model`` is a folder, or a name on a hub.

    ``adapters`` lets models with the back end ``adapter`` share the engine.

    ``terse_json`` bounds strings, lists and numbers that a JSON schema leaves open, for small models
    that would not end them.

    ``dtype: auto`` is the model's own, or float32 on a CPU without hardware for shorter ones.
    ``cpu_threads`` defaults to all cores.

    An engine that produces no token for ``stuck_after_s`` while requests run is replaced. This must
    exceed its longest step: for a large model on a CPU, the prefill of ``max_num_seqs`` long prompts.
    """

    backend: Literal["vllm"]
    model: str
    max_model_len: int = Field(default=2048, ge=128)
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1)
    tensor_parallel_size: int = Field(default=1, ge=1)
    max_num_seqs: int = Field(default=64, ge=1)
    enforce_eager: bool = True
    cpu_kv_cache_gib: float = Field(default=1.0, gt=0)
    cpu_threads: int | None = Field(default=None, ge=1)
    terse_json: bool = False
    stuck_after_s: float = Field(default=60.0, gt=0)
    adapters: AdapterLimits | None = None


class AdapterSettings(LLMSection):
    """A LoRA adapter, served by the engine of the model ``of``, in the same placement.

    ``model`` is a folder, or ``models:/<name>/<version or alias>`` with MLflow. It is loaded on first
    use, and unloaded when others need the room. If empty, it is the base model itself, which a slot may
    begin with. ``max_concurrent`` limits its calls per process.
    """

    backend: Literal["adapter"]
    of: str
    model: str = ""
    max_concurrent: int | None = Field(default=None, ge=1)


class OpenAISettings(LLMSection):
    """A server with OpenAI's chat protocol. The model is available when its key is in the environment.

    If a server rejects ``native_tools``, agents fall back to JSON in text. vLLM's server supports them
    with a tool parser.

    ``max_concurrent`` limits the calls of each process. ``hedge_after_s`` sends a second request when
    nothing has arrived by then. ``continues`` says that the server continues a trailing assistant
    message, as vLLM's does; OpenAI's own does not.
    """

    backend: Literal["openai"]
    model: str
    placement: str = "inline"
    base_url: str = "https://api.openai.com/v1"
    api_key_env: str = "OPENAI_API_KEY"
    timeout_s: float = Field(default=30.0, gt=0)
    max_retries: int = Field(default=2, ge=0, le=10)
    max_concurrent: int = Field(default=64, ge=1)
    hedge_after_s: float | None = Field(default=None, gt=0)
    continues: bool = False
    native_tools: bool = True


class HuggingFaceSettings(LLMSection):
    """transformers in a thread pool. ``model`` is a folder, or a name on a hub."""

    backend: Literal["huggingface"]
    model: str
    max_model_len: int = Field(default=2048, ge=128)
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_batch_size: int = Field(default=8, ge=1)
    batch_wait_ms: float = Field(default=5.0, ge=0)


class ExtractiveSettings(LLMSection):
    """Quotes sentences of the passages. Generates nothing.

    Below ``min_confidence`` (0 to 1) it declines; RAG has its own, higher limit. When the best passage
    does not reach ``sure_confidence``, some others are considered as well, as in RAG.
    """

    backend: Literal["extractive"]
    placement: str = "inline"
    max_sentences: int = Field(default=5, ge=1, le=10)
    min_confidence: float = Field(default=0.15, ge=0, le=1)
    sure_confidence: float = Field(default=0.7, ge=0, le=1)


class NearestExampleSettings(LLMSection):
    """For agents: adapts the nearest worked example of a file. Generates nothing."""

    backend: Literal["nearest_example"]
    placement: str = "inline"
    examples: str


class AnalystSettings(LLMSection):
    """For agents: SQL by a trained ``model``, or from a worked example of a file.

    ``words`` is the file that describes the database to the checks of that SQL: tables, columns, and
    what people call them (see `genai/analyst/vocabulary.py`).

    The model gives ``samples`` replies, all but the first at ``temperature``. At least the share
    ``agreement`` must be the same, or ``doubted`` when ``reader``, the weights of a second and simpler
    model, doubts the query. If they do not agree, ``more`` replies are drawn: then a query that passes
    the checks in a fifth of all, and twice as often as any other, is accepted, too.
    """

    backend: Literal["analyst"]
    placement: str = "inline"
    model: str
    examples: str
    words: str
    samples: int = Field(default=5, ge=1, le=16)
    temperature: float = Field(default=0.7, gt=0, le=2)
    agreement: float = Field(default=0.4, ge=0, le=1)
    more: int = Field(default=10, ge=0, le=32)
    reader: str | None = None
    doubted: float = Field(default=0.8, ge=0, le=1)


class ScriptedSettings(LLMSection):
    """For tests and load tests: ``replies`` in turn, or an echo."""

    backend: Literal["scripted"]
    placement: str = "inline"
    replies: tuple[str, ...] = ()
    tokens: int = Field(default=64, ge=1)
    delay_s: float = Field(default=0.0, ge=0)
    seconds_per_token: float = Field(default=0.0, ge=0)


class CanarySettings(LLMSection):
    """A model whose versions are replaced while it serves. ``slots`` names two models.

    The first slot is the champion until another version is promoted. If a challenger does not respond
    for ``patience_s``, the champion answers.
    """

    backend: Literal["canary"]
    placement: str = "inline"
    slots: tuple[str, str]
    patience_s: float = Field(default=15.0, gt=0)


LLMSettings = Annotated[
    VLLMSettings
    | AdapterSettings
    | OpenAISettings
    | HuggingFaceSettings
    | ExtractiveSettings
    | NearestExampleSettings
    | AnalystSettings
    | ScriptedSettings
    | CanarySettings,
    Field(discriminator="backend"),
]


class ResilienceSettings(Section):
    """Protection of calls to other processes.

    ``retry_share`` is the share of calls to a back end that may be retries or hedges. When a model in
    another deployment is silent for ``patience_s``, its liveness is checked.
    """

    retry_base_s: float = Field(default=0.2, gt=0)
    retry_max_s: float = Field(default=5.0, gt=0)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_cooldown_s: float = Field(default=30.0, gt=0)
    retry_share: float = Field(default=0.1, ge=0, le=1)
    patience_s: float = Field(default=2.0, gt=0)
