"""The language models, and what stands around each of them."""

from typing import Annotated, Literal

from pydantic import Field

from genai.section import Section


class Price(Section):
    """What a model costs, in dollars: per million tokens, or per hour that it is occupied.

    ``cached_input`` is for the part of a prompt that the provider had cached; without it, ``input``
    applies. ``per_hour`` is for machines of one's own: what the hour of a replica costs. An hour in
    which several requests run at once is divided among them.
    """

    input: float = Field(default=0.0, ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    output: float = Field(default=0.0, ge=0)
    per_hour: float = Field(default=0.0, ge=0)

    @property
    def free(self) -> bool:
        return not (self.input or self.output or self.per_hour or self.cached_input)


class LLMSection(Section):
    """What every back end has. ``fallbacks`` names the models that answer when this one fails.

    ``placement`` is the deployment that hosts the model, or ``inline`` for every caller's own
    process. With ``native_tools`` agents call tools by the model's own protocol, not by JSON in text.

    A model that is a slot of a `canary` names that in ``slot_of``. Its ``model`` counts until the
    first version is promoted.
    """

    placement: str = "LLM"
    slot_of: str = ""
    fallbacks: tuple[str, ...] = ()
    native_tools: bool = False
    price: Price = Price()


class AdapterLimits(Section):
    """What the LoRA adapters of one engine may take: ``loaded`` at once, each of at most ``max_rank``
    and ``max_mb`` on disk. Memory for all of them is set aside when the engine starts.
    """

    loaded: int = Field(default=4, ge=1, le=256)
    max_rank: Literal[8, 16, 32, 64, 128, 256] = 16
    max_mb: float = Field(default=512.0, gt=0)


class VLLMSettings(LLMSection):
    """vLLM in the replica's own process. ``model`` is a folder, or a name on a hub.

    ``adapters`` lets models with the back end ``adapter`` share its engine.

    ``terse_json`` bounds the strings, lists and numbers that a JSON schema leaves open. It is for
    small models, which would not end them by themselves.

    ``dtype`` ``auto`` is the model's own, but float32 on a CPU that computes in no shorter one.
    ``cpu_threads`` are those of a model on a CPU; all cores when it is not given.

    An engine that makes no token for ``stuck_after_s`` though requests run is replaced. It must be longer
    than its longest step: of a large model on a CPU that is the reading of ``max_num_seqs`` long prompts.
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
    """A LoRA adapter, served by the engine of the model ``of``, and placed where that is.

    ``model`` is a folder, or ``models:/<name>/<version or alias>`` where MLflow is installed. It is
    loaded when it is first asked, and unloaded when others need the place. Empty, it is the model
    ``of`` itself, with which a slot may begin. ``max_concurrent`` bounds its calls in a process.
    """

    backend: Literal["adapter"]
    of: str
    model: str = ""
    max_concurrent: int | None = Field(default=None, ge=1)


class OpenAISettings(LLMSection):
    """Any server with OpenAI's chat protocol. The model is used when its key is in the environment.

    Where a server refuses ``native_tools``, agents do without. vLLM's has them with a tool parser.

    ``max_concurrent`` bounds the calls of each process. ``hedge_after_s`` asks once more when no part
    of an answer has come by then. ``continues`` says that the server goes on with an assistant message
    that ends the conversation, as vLLM's does; OpenAI's own does not.
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
    """Quotes the sentences of the given passages that answer. Generates nothing.

    Below ``min_confidence`` (0 to 1) it says that it does not know. RAG has its own, higher limit. Where the
    best passage does not reach ``sure_confidence``, some others are judged, too, as in RAG.
    """

    backend: Literal["extractive"]
    placement: str = "inline"
    max_sentences: int = Field(default=5, ge=1, le=10)
    min_confidence: float = Field(default=0.15, ge=0, le=1)
    sure_confidence: float = Field(default=0.7, ge=0, le=1)


class NearestExampleSettings(LLMSection):
    """Answers as an agent by adapting the nearest worked example of a file. Generates nothing."""

    backend: Literal["nearest_example"]
    placement: str = "inline"
    examples: str


class AnalystSettings(LLMSection):
    """Answers as an agent with SQL that a trained ``model`` writes, or a worked example of a file.

    ``words`` is the file of what the checks of that SQL must know of the database: its tables, columns
    and what people call them; genai/analyst/vocabulary.py says how it is read.
    The model is asked for ``samples`` replies, all but the first at ``temperature``. What fewer than
    the share ``agreement`` of them say is not believed. What the ``reader`` doubts, the weights of a
    second one, needs the share ``doubted``. Where the first replies do not agree, ``more`` are asked for:
    what passes the checks in a fifth of all, and twice as often as anything else, is believed, too.
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
    """Says what it is told: ``replies`` in turn, or an echo. For tests and load tests."""

    backend: Literal["scripted"]
    placement: str = "inline"
    replies: tuple[str, ...] = ()
    tokens: int = Field(default=64, ge=1)
    delay_s: float = Field(default=0.0, ge=0)
    seconds_per_token: float = Field(default=0.0, ge=0)


class CanarySettings(LLMSection):
    """A model whose versions are exchanged while it serves. ``slots`` names two models.

    The first is the champion until another version is promoted. A challenger that says nothing for
    ``patience_s`` is passed over.
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
    """How calls that leave the process are protected.

    ``retry_share`` is how many calls of a back end may be repeats, all causes together. A model of
    another deployment that says nothing for ``patience_s`` is asked whether it lives.
    """

    retry_base_s: float = Field(default=0.2, gt=0)
    retry_max_s: float = Field(default=5.0, gt=0)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_cooldown_s: float = Field(default=30.0, gt=0)
    retry_share: float = Field(default=0.1, ge=0, le=1)
    patience_s: float = Field(default=2.0, gt=0)
