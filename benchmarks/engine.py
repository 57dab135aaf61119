"""The throughput of real vLLM, behind the whole graph and behind vLLM's own server."""

from benchmarks import configs, cpu
from benchmarks.bodies import PATHS, Endpoint, body
from benchmarks.load import Load, Outcome
from benchmarks.measure import Meter
from benchmarks.plan import STREAMS
from benchmarks.results import EngineResult
from benchmarks.systems import VAR, System, make_model, ours, vllm_server
from deployments.launch import has_gpu
from genai.llms.precision import on_cpu
from genai.settings.models import VLLMSettings

WORDS = 64
ROUNDS = 3
MODEL = VAR / "model100m"


def measure_engine() -> EngineResult:
    """Measures rounds of streams of equal length; the first round on each side is the warm-up."""
    if not (MODEL / "config.json").exists():
        make_model(MODEL)
    config = configs.with_model(configs.shipped(), MODEL)
    with ours("vllm", config) as system:
        through_graph = _rounds(system, "generate")
    with vllm_server(MODEL, server_options(config)) as system:
        from_server = _rounds(system, "chat", configs.settings_of(config).chat.system_prompt)
    return EngineResult(
        ours=[outcome.tokens_per_second for outcome in through_graph],
        server=[outcome.tokens_per_second for outcome in from_server],
        ours_first_token_ms=through_graph[0].first_token_ms["p50"],
        server_first_token_ms=from_server[0].first_token_ms["p50"],
    )


def server_options(config: configs.Config) -> list[str]:
    """The engine options of the bank's model, as options of vLLM's server."""
    settings = configs.settings_of(config).llms["bank"]
    assert isinstance(settings, VLLMSettings)
    options = [
        f"--max-model-len={settings.max_model_len}",
        f"--max-num-seqs={settings.max_num_seqs}",
        f"--dtype={settings.dtype if has_gpu() else on_cpu(settings.dtype)}",
        "--no-enable-log-requests",
    ]
    return [*options, "--enforce-eager"] if settings.enforce_eager else options


def _rounds(system: System, endpoint: Endpoint, system_prompt: str | None = None) -> list[Outcome]:
    asked = body(endpoint, max_tokens=WORDS, stream=True, system=system_prompt, usage=True)
    load = Load(
        port=system.port,
        path=PATHS[endpoint],
        key=system.key,
        body=asked,
        stream=True,
        clients=STREAMS,
        requests_per_client=2,
        turns_per_session=1,
    )
    meter = Meter(system, cpu.over(system.members, 0.1))
    outcomes = [meter.measure(load).outcome for _ in range(ROUNDS + 1)][1:]
    if failed := next((outcome for outcome in outcomes if outcome.failed), None):
        raise RuntimeError(f"{system.name} failed: {failed.failure}")
    return outcomes
