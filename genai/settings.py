"""The shape of the application: what `serve_config.yaml` may say under ``args``.

Secrets are not here. Serve stores these values in the cluster and shows them on its dashboard, so a
setting names the environment variable (``..._env``) and the replica reads it when it starts.

Paths are relative to the project's folder, or absolute.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from genai.messages import Role
from genai.plans.graph import mistakes_in
from genai.plans.settings import HandoffNode, PlanSettings, ToolNode
from genai.section import Section as Section

# -- models ----------------------------------------------------------------------------------------


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

    Below ``min_confidence`` (0 to 1) it says that it does not know. RAG has its own, higher limit.
    """

    backend: Literal["extractive"]
    placement: str = "inline"
    max_sentences: int = Field(default=5, ge=1, le=10)
    min_confidence: float = Field(default=0.15, ge=0, le=1)


class NearestExampleSettings(LLMSection):
    """Answers as an agent by adapting the nearest worked example of a file. Generates nothing."""

    backend: Literal["nearest_example"]
    placement: str = "inline"
    examples: str


class AnalystSettings(LLMSection):
    """Answers as an agent with SQL that a trained ``model`` writes, or a worked example of a file.

    The model is asked for ``samples`` replies, all but the first at ``temperature``. What fewer than
    the share ``agreement`` of them say is not believed.
    """

    backend: Literal["analyst"]
    placement: str = "inline"
    model: str
    examples: str
    samples: int = Field(default=5, ge=1, le=16)
    temperature: float = Field(default=0.7, gt=0, le=2)
    agreement: float = Field(default=0.4, ge=0, le=1)


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


# -- answering -------------------------------------------------------------------------------------


class MiniLMSettings(Section):
    """all-MiniLM-L6-v2 from the installed package, or from a folder."""

    name: ClassVar[str] = "all-MiniLM-L6-v2"
    dimensions: ClassVar[int] = 384

    backend: Literal["minilm"] = "minilm"
    model: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=1, ge=1)


class ReadingSettings(Section):
    """How much reading one file may take, which happens in a process of its own.

    ``seconds`` of CPU and of waiting, ``memory_mb`` of memory, ``max_chars`` of the Markdown that
    comes of it. So many files are read ``at_once``, by each process that takes documents in.
    """

    seconds: float = Field(default=30.0, gt=0)
    memory_mb: int = Field(default=1_000, ge=256)
    max_chars: int = Field(default=2_000_000, ge=1)
    at_once: int = Field(default=2, ge=1)


class SemanticCacheSettings(Section):
    """Answers again what was asked before, for ``ttl_s`` seconds; so many ``entries`` a process.

    Beside equal words, the vectors of both questions must be as similar as ``min_similarity``.
    """

    min_similarity: float = Field(default=0.95, gt=0, le=1)
    ttl_s: float = Field(default=600.0, gt=0)
    entries: int = Field(default=1_000, ge=1)


class RerankerSettings(Section):
    """A cross-encoder, from a folder or a hub, which orders the ``top`` passages anew."""

    model: str = Field(min_length=1)
    top: int = Field(default=20, ge=1, le=100)


class RAGSettings(Section):
    """``store`` is a folder for LanceDB. With ``store_env`` the documents are in PostgreSQL with
    pgvector instead, at the ``postgresql://`` address that this variable of the environment has.

    ``kept_versions`` is how many former states of a tenant's documents can be returned to.

    ``vectors`` is a file of vectors of the documents' texts, made before; it need not exist.

    ``min_confidence`` (0 to 1) is what the best passage must reach to be answered from. ``grounding``
    ``drop`` leaves statements out of generated answers that the passages do not support.
    """

    llm: str = "extractive"
    grounding: Literal["off", "drop"] = "drop"
    store: str = "var/documents"
    documents: str = "sample_bank/documents"
    vectors: str = "sample_bank/vectors.npz"
    top_k: int = Field(default=5, ge=1, le=50)
    chunk_tokens: int = Field(default=200, ge=32, le=256)
    min_confidence: float = Field(default=0.4, ge=0, le=1)
    store_env: str | None = None
    kept_versions: int = Field(default=5, ge=1, le=100)
    reading: ReadingSettings = ReadingSettings()
    cache: SemanticCacheSettings | None = None
    reranker: RerankerSettings | None = None


class ToolSection(Section):
    """What every tool has: the name that the model calls, limits, and who may use it.

    ``roles`` are those of a caller's key; a caller without any of them is not offered the tool.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    timeout_s: float = Field(default=10.0, gt=0)
    max_result_chars: int = Field(default=4000, ge=100, le=4000)
    roles: tuple[Role, ...] = ()


class SQLToolSettings(ToolSection):
    """``url`` begins with ``sqlite:///`` or ``postgresql://``; or ``url_env`` names a variable.

    ``tables`` names what may be read, all when it is empty.
    """

    tool: Literal["sql"] = "sql"
    name: str = Field(default="sql", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    url: str = "sqlite:///var/bank.sqlite"
    url_env: str | None = None
    tables: tuple[str, ...] = ()
    max_rows: int = Field(default=50, ge=1, le=1000)
    timeout_s: float = Field(default=3.0, gt=0)


class CalculatorToolSettings(ToolSection):
    tool: Literal["calculator"]
    name: str = Field(default="calculator", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    timeout_s: float = Field(default=2.0, gt=0)


class DocumentSearchToolSettings(ToolSection):
    """Finds what the caller's tenant has under ``rag.store``."""

    tool: Literal["search_documents"]
    name: str = Field(default="search_documents", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    passages: int = Field(default=4, ge=1, le=20)


class HTTPGetToolSettings(ToolSection):
    """``hosts`` are all that may be asked, by https, such as ``rates.example.com``, or
    ``*.example.com`` for all names below it. None is reached at a private address.
    """

    tool: Literal["http_get"]
    name: str = Field(default="http_get", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    hosts: tuple[str, ...] = Field(min_length=1)
    max_bytes: int = Field(default=200_000, ge=1000, le=5_000_000)


class ArgumentSettings(Section):
    """What the model fills in. ``choices`` are the only texts that pass, when there are any."""

    type: Literal["integer", "text"]
    description: str = ""
    choices: tuple[str, ...] = ()
    max_chars: int = Field(default=200, ge=1, le=4000)


class RequirementSettings(Section):
    """``query`` must find a row, or the model is told ``otherwise`` and nothing is changed."""

    query: str
    otherwise: str


class StatementToolSettings(ToolSection):
    """One statement that changes one row, with arguments as ``:name``. Runs only once approved.

    ``done`` is what is said afterwards; arguments stand in it as ``{name}``.
    """

    tool: Literal["statement"]
    description: str
    url: str = "sqlite:///var/bank.sqlite"
    arguments: dict[str, ArgumentSettings]
    requires: tuple[RequirementSettings, ...] = ()
    statement: str
    done: str


class MCPToolSettings(ToolSection):
    """The tools of an MCP server; ``name`` and an underscore stand before each of their names.

    The server is a ``command`` on this machine, which gets the named variables of the environment
    (``env``), or a ``url``; ``headers_env`` names the variables with the values of its headers.

    Only tools in ``read_only`` run without an approval, whatever the server says of them. ``tools``
    names those that are used, all when it is empty.
    """

    tool: Literal["mcp"]
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    url: str = ""
    headers_env: dict[str, str] = {}
    read_only: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @model_validator(mode="after")
    def is_a_command_or_a_url(self) -> "MCPToolSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")
        return self


ToolSettings = Annotated[
    SQLToolSettings
    | CalculatorToolSettings
    | DocumentSearchToolSettings
    | HTTPGetToolSettings
    | StatementToolSettings
    | MCPToolSettings,
    Field(discriminator="tool"),
]


class AgentSettings(Section):
    """``max_tokens`` bounds what all calls of a run may read and write together, ``max_usd`` what they
    may cost, where a budget does not allow less.
    """

    llm: str = "analyst"
    tools: tuple[ToolSettings, ...] = (SQLToolSettings(),)
    max_steps: int = Field(default=6, ge=1, le=50)
    max_tokens: int = Field(default=50_000, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)


class RunSettings(Section):
    """Runs that outlive the process they began in, and the approvals that they wait for.

    ``lease_s`` is how long a run stays with a process that no longer says that it works on it, and
    ``look_every_s`` how often each process looks for such runs. An attempt ends ``within_s``.
    Approvals can be given for ``approvals_open_for_s``. With ``four_eyes`` nobody decides about what
    came up in a run of their own. Everything is forgotten after ``kept_for_s``.
    """

    within_s: float = Field(default=120.0, gt=0)
    lease_s: float = Field(default=5.0, ge=0.05)
    look_every_s: float = Field(default=1.0, gt=0)
    approvals_open_for_s: float = Field(default=86_400.0, gt=0)
    four_eyes: bool = False
    kept_for_s: int = Field(default=7 * 86_400, ge=1)

    @model_validator(mode="after")
    def outlive_their_approvals(self) -> "RunSettings":
        if self.kept_for_s <= self.approvals_open_for_s + self.within_s:
            raise ValueError("kept_for_s must be longer than approvals_open_for_s and within_s")
        return self


class ChatSettings(Section):
    llm: str = "bank"
    system_prompt: str = "You are the assistant of a bank. Answer briefly and truthfully."


class ReplySettings(Section):
    """What is said to a message that is no question; ``to`` are phrases such as *good morning*."""

    to: tuple[str, ...] = Field(min_length=1)
    reply: str = Field(min_length=1)


class RoutingSettings(Section):
    """``examples`` is a YAML file: example questions by route.

    ``plans`` names the plan that answers in place of a route, or ``compound`` questions: those whose
    parts belong to different routes.

    ``replies`` answer messages that consist of their phrases alone; nothing is looked up for these.
    """

    replies: tuple[ReplySettings, ...] = ()
    examples: str = "sample_bank/routes.yaml"
    fallback: Literal["chat", "rag", "agent"] = "rag"
    min_similarity: float = Field(default=0.45, ge=0, le=1)
    plans: dict[Literal["chat", "rag", "agent", "compound"], str] = {}


# -- safety, memory, access ------------------------------------------------------------------------


class InjectionSettings(Section):
    """How instructions are found that somebody tries to slip in.

    ``classifier`` is ``shipped``, ``off``, or a folder or the name on a hub of a model for text
    classification. Thresholds are from 0 to 1. Those that end in ``data`` are for the results of tools
    and for passages, the others for what users write; passages come from documents that somebody with
    the role for it stored, so the classifier must be surer of them. Where it gives less than
    ``classifier_clears``, only the surest rules count; 0 lets all of them count always. ``in_data``
    says whether a model may read data in which instructions were found, or it is withheld.
    """

    enabled: bool = True
    threshold: float = Field(default=0.5, gt=0, le=1)
    threshold_data: float = Field(default=0.5, gt=0, le=1)
    classifier: str = Field(default="shipped", min_length=1)
    classifier_threshold: float = Field(default=0.5, gt=0, le=1)
    classifier_threshold_data: float = Field(default=0.5, gt=0, le=1)
    classifier_threshold_passages: float = Field(default=0.94, gt=0, le=1)
    classifier_clears: float = Field(default=0.05, ge=0, lt=1)
    in_data: Literal["withhold", "flag"] = "withhold"


class ChecksSettings(Section):
    """Which checks run, and what becomes of what they find.

    ``pii_input`` ``placeholder`` keeps personal data from models, tools, memory and logs, and puts it
    back in the answer to the one who gave it.

    ``links`` are those of answers, by which data could be carried out, unless they lead to
    ``allowed_hosts`` (``bank.example``, or ``*.bank.example`` for all below it), or the caller gave
    them. ``system_prompt`` is what becomes of answers that tell one.

    ``names`` looks for names and places in questions, too: by the ``tagger`` of this project, or by
    ``presidio`` with a pipeline of spaCy's. ``names_model`` is the file or the pipeline.
    """

    injection: InjectionSettings = InjectionSettings()
    pii_input: Literal["allow", "placeholder", "redact", "block"] = "placeholder"
    pii_output: Literal["allow", "redact", "block"] = "redact"
    pii_entities: tuple[str, ...] | Literal["all"] = "all"
    names: Literal["off", "tagger", "presidio"] = "off"
    names_model: str = ""
    names_entities: tuple[str, ...] = ("PERSON", "LOCATION", "ADDRESS")
    secrets: bool = True
    links: Literal["allow", "redact", "block"] = "redact"
    allowed_hosts: tuple[str, ...] = ()
    system_prompt: Literal["allow", "redact", "block"] = "block"
    toxicity: Literal["allow", "redact", "block"] = "block"
    toxicity_threshold: float = Field(default=0.2, gt=0, le=1)
    blocked_topics: dict[str, tuple[str, ...]] = {}
    topics: Literal["redact", "block"] = "block"
    timeout_s: float = Field(default=5.0, gt=0)

    @property
    def light(self) -> bool:
        """Whether no check runs a model that takes longer than a call to another process."""
        return self.injection.classifier in ("off", "shipped") and self.names != "presidio"


class PolicySettings(Section):
    """Other checks for some. Empty ``tenants`` or ``routes`` means all of them.

    A route is where an answer comes from: ``chat``, ``rag``, ``agent``, ``plan``, or ``completions``
    for models that are called directly. While a question has none yet, its route is what was asked for, maybe
    ``auto``. What ``checks`` leaves out is as under ``safety``.
    """

    tenants: tuple[str, ...] = ()
    routes: tuple[Literal["auto", "chat", "rag", "agent", "plan", "completions"], ...] = ()
    checks: ChecksSettings


_NOT_OF_POLICIES = frozenset({"policies", "here_up_to_chars"})


class SafetySettings(ChecksSettings):
    """The checks, and those of ``policies``: the first that fits a request takes their place.

    A question of up to ``here_up_to_chars`` characters is checked by the process that it came to, as
    long as every check is light; longer ones go to the deployment of the checks.
    """

    policies: tuple[PolicySettings, ...] = ()
    here_up_to_chars: int = Field(default=2000, ge=0)

    @property
    def chars_here(self) -> int:
        every = (self, *(policy.checks for policy in self.policies))
        return self.here_up_to_chars if all(checks.light for checks in every) else 0

    @model_validator(mode="before")
    @classmethod
    def policies_inherit(cls, data: Any) -> Any:
        """Fills what a policy leaves out, before its keys and values are checked."""
        if not isinstance(data, Mapping) or not data.get("policies"):
            return data
        base = {name: value for name, value in data.items() if name not in _NOT_OF_POLICIES}
        policies = [_inherited(policy, base) for policy in data["policies"]]
        return {**base, "policies": policies}


def _inherited(policy: Any, base: Mapping[str, Any]) -> Any:
    if not isinstance(policy, Mapping) or not isinstance(policy.get("checks"), Mapping):
        return policy
    return {**policy, "checks": _over(base, policy["checks"])}


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, with what only the base has; sections are merged, other values replaced."""
    merged = dict(base)
    for name, value in changes.items():
        before = base.get(name)
        if name != "blocked_topics" and isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = _over(before, value)
        else:
            merged[name] = value
    return merged


class MemorySettings(Section):
    max_tokens: int = Field(default=1000, ge=0)
    ttl_s: int = Field(default=86_400 * 30, ge=1)
    max_turns: int = Field(default=1000, ge=2)


class DataKeySettings(Section):
    """The key that what Redis keeps of people is encrypted with: 32 random bytes in base64.

    Without ``env`` in the environment it is made and kept in a file, for one machine alone.
    """

    env: str = "DATA_KEY"
    file: str = "var/data-key"


class RedisSettings(Section):
    """Where Redis is. Without ``url_env`` in the environment, the embedded one of `make run`.

    Nothing waits longer than ``timeout_s`` for it, but for the lateness of a busy machine.
    """

    url_env: str = "REDIS_URL"
    embedded_socket: str = "var/redis/redis.sock"
    timeout_s: float = Field(default=0.2, gt=0)
    max_connections: int = Field(default=64, ge=1)


class Allowance(Section):
    """What one key, user or tenant may do. A minute is any 60 seconds, not one of the clock."""

    requests_per_minute: int = Field(default=600, ge=1)
    tokens_per_minute: int = Field(default=200_000, ge=1)
    concurrent_requests: int = Field(default=64, ge=1)


class LimitSettings(Allowance):
    """What one API key may do, unless it has limits of its own; user and tenant count beside it.

    ``on_store_failure`` says what happens while Redis does not answer: refuse everything, or let
    each process admit ``local_share`` of the limits on its own, for at most ``local_for_s``.

    A request that never ended, because its process died, occupies its place for ``lease_s``.
    """

    per_user: Allowance | None = None
    per_tenant: Allowance | None = None
    lease_s: float = Field(default=150.0, gt=0)
    on_store_failure: Literal["refuse", "allow_locally"] = "refuse"
    local_share: float = Field(default=0.25, gt=0, le=1)
    local_for_s: float = Field(default=30.0, gt=0)


class OverloadSettings(Section):
    """How many requests for models one ingress replica works on, and how many may wait for that.

    Beyond this they get 503 at once. The waiting are served by tenant, fewest tokens first.
    ``running`` is the most. A crowd of ``least`` is worked on however long its answers take; beyond it,
    there are fewer places while answers take longer the more of them are worked on. With fewer places,
    as many fewer may wait. Once somebody was refused, this holds for a crowd, too, for some seconds.
    """

    running: int = Field(default=128, ge=1)
    waiting: int = Field(default=64, ge=0)
    least: int = Field(default=56, ge=1)


class Spendable(Section):
    """Dollars that may be spent; days and months are those of UTC."""

    usd_per_day: float | None = Field(default=None, ge=0)
    usd_per_month: float | None = Field(default=None, ge=0)


class BudgetSettings(Section):
    """What may be spent, unless a key, user or tenant was given a budget of its own.

    ``usd_per_run`` bounds a single request, with all calls that an agent makes for it.

    What was held for a process that died is charged, because the provider may have billed it, until
    the truth comes (`genai budgets reconcile`); or it is released, which risks to spend it twice.
    """

    per_key: Spendable | None = None
    per_user: Spendable | None = None
    per_tenant: Spendable | None = None
    per_session: Spendable | None = None
    usd_per_run: float | None = Field(default=None, gt=0)
    unsettled: Literal["charge", "release"] = "charge"


class AuditSettings(Section):
    """``key_env`` names the variable with the secret that seals the audit log.

    Without one, the log still shows what was changed by somebody who did not make it anew.
    """

    key_env: str = "AUDIT_KEY"


class HTTPSettings(Section):
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    max_document_bytes: int = Field(default=10_000_000, ge=1_000)
    max_input_chars: int = Field(default=32_000, ge=1)
    max_timeout_s: float = Field(default=120.0, gt=0)
    default_timeout_s: float = Field(default=60.0, gt=0)


class TrafficSettings(Section):
    """What is remembered of requests, without their texts, to compare versions and notice drift.

    Of a share ``sampled`` also where the question lies among others, and how grounded the answer is,
    as far as each replica finds the time for that: ``busy_share`` of it.
    """

    sampled: float = Field(default=0.1, ge=0, le=1)
    busy_share: float = Field(default=0.01, gt=0, le=1)


class AlertSettings(Section):
    """When somebody is told. ``webhook_env`` names the variable with the address of a webhook.

    ``cost_per_hour_usd`` is what a tenant may spend in any hour. A minute is unusual when it is
    ``unusual_speed`` times as expensive as the minutes of the hour before, and its pace would reach
    the hour's sum. The same alert is not repeated within ``repeat_after_s``.
    """

    webhook_env: str = "ALERT_WEBHOOK_URL"
    cost_per_hour_usd: float = Field(default=10.0, gt=0)
    unusual_speed: float = Field(default=10.0, gt=1)
    slow_request_s: float = Field(default=10.0, gt=0)
    repeat_after_s: int = Field(default=600, ge=1)


Placement = Literal["deployment", "inline"]


class PlacementSettings(Section):
    """Where each component runs: in a deployment of its own, or inside each of its callers."""

    safety: Placement = "deployment"
    orchestrator: Placement = "deployment"
    rag: Placement = "deployment"
    agent: Placement = "deployment"
    embedder: Placement = "deployment"


class Settings(Section):
    llms: dict[str, LLMSettings]
    resilience: ResilienceSettings = ResilienceSettings()
    embedder: MiniLMSettings = MiniLMSettings()
    chat: ChatSettings = ChatSettings()
    rag: RAGSettings = RAGSettings()
    agent: AgentSettings = AgentSettings()
    plans: dict[str, PlanSettings] = {}
    runs: RunSettings = RunSettings()
    routing: RoutingSettings = RoutingSettings()
    safety: SafetySettings = SafetySettings()
    memory: MemorySettings = MemorySettings()
    redis: RedisSettings = RedisSettings()
    data_key: DataKeySettings = DataKeySettings()
    limits: LimitSettings = LimitSettings()
    overload: OverloadSettings = OverloadSettings()
    budgets: BudgetSettings = BudgetSettings()
    audit: AuditSettings = AuditSettings()
    http: HTTPSettings = HTTPSettings()
    alerts: AlertSettings = AlertSettings()
    traffic: TrafficSettings = TrafficSettings()
    placement: PlacementSettings = PlacementSettings()

    @model_validator(mode="after")
    def names_are_known(self) -> "Settings":
        """Every model that is named anywhere must be configured."""
        named = {
            "chat.llm": self.chat.llm,
            "rag.llm": self.rag.llm,
            "agent.llm": self.agent.llm,
        } | {
            f"llms.{name}.fallbacks": fallback
            for name, llm in self.llms.items()
            for fallback in llm.fallbacks
        }
        named |= {
            f"llms.{name}.slots": slot
            for name, llm in self.llms.items()
            if isinstance(llm, CanarySettings)
            for slot in llm.slots
        }
        named |= {
            f"plans.{plan}.nodes.{name}.llm": node.llm
            for plan, settings in self.plans.items()
            for name, node in settings.nodes.items()
            if isinstance(node, HandoffNode) and node.llm is not None
        }
        named |= {
            f"llms.{name}.of": llm.of
            for name, llm in self.llms.items()
            if isinstance(llm, AdapterSettings)
        }
        named |= {
            f"llms.{name}.model": llm.model
            for name, llm in self.llms.items()
            if isinstance(llm, AnalystSettings)
        }
        unknown = [f"{where}: {name}" for where, name in named.items() if name not in self.llms]
        if unknown:
            raise ValueError(f"no such model under llms: {'; '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def plans_can_be_carried_out(self) -> "Settings":
        mistakes = [
            f"plans.{name}: {mistake}"
            for name, plan in self.plans.items()
            for mistake in (*mistakes_in(plan), *self._tools_lacking(plan))
        ]
        mistakes += [
            f"routing.plans.{route}: there is no plan {name}"
            for route, name in self.routing.plans.items()
            if name not in self.plans
        ]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    def _tools_lacking(self, plan: PlanSettings) -> Iterator[str]:
        known = {tool.name for tool in self.agent.tools if not isinstance(tool, MCPToolSettings)}
        for name, node in plan.nodes.items():
            if isinstance(node, ToolNode) and node.tool not in known:
                yield f"{name}: there is no tool {node.tool} under agent.tools"

    @model_validator(mode="after")
    def adapters_have_an_engine(self) -> "Settings":
        for name, llm in self.llms.items():
            if isinstance(llm, AdapterSettings) and (why := _unfit(self.llms[llm.of], llm)):
                raise ValueError(f"llms.{name}: {llm.of} {why}")
        return self


def _unfit(base: LLMSettings, adapter: AdapterSettings) -> str:
    """Why the adapter cannot be served by the engine of this model; empty when it can."""
    if not isinstance(base, VLLMSettings) or base.adapters is None:
        return "serves no adapters: that takes the back end vllm with `adapters`"
    if base.slot_of:
        return "is a slot, and exchanged with all adapters; they need a model that stays"
    if base.placement != adapter.placement:
        return f"is placed in {base.placement}, and the adapter in {adapter.placement}"
    return ""
