"""The systems to measure: each starts, yields a `System` to send requests to, and is stopped."""

import contextlib
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from benchmarks.bodies import Endpoint
from benchmarks.configs import Config, write
from benchmarks.processes import answers, module, started
from benchmarks.upstream import PACED
from deployments.free_port import free_port

VAR = Path("var/bench")
LITELLM = "litellm[proxy]==1.106.2"
LITELLM_KEY = "sk-benchmark"


@dataclass(frozen=True)
class System:
    """A running system. CPU time and memory are those of the processes in ``members``."""

    name: str
    port: int
    key: str
    endpoints: tuple[Endpoint, ...]
    members: Callable[[], Iterable[psutil.Process]]


@contextlib.contextmanager
def ours(name: str, config: Config) -> Iterator[System]:
    """The whole service, started as by `make run`."""
    port, var = free_port(), VAR / "service"
    path = write(config, VAR / f"{name}.yaml")
    subprocess.run(module("jobs.setup", "--config", str(path)), check=True)
    command = module(
        "deployments.launch", "--config", str(path), "--port", str(port), "--var", str(var)
    )
    ready = answers(f"http://127.0.0.1:{port}/readyz")
    with started(command, VAR / f"{name}.log", is_ready=ready, within_s=300) as group:
        key = (var / "dev-key").read_text().strip()
        yield System(name, port, key, ("generate", "chat"), group.members)


@contextlib.contextmanager
def upstream() -> Iterator[System]:
    """The mock upstream alone: the baseline of LiteLLM's proxy."""
    port = free_port()
    command = module("benchmarks.upstream", "--port", str(port))
    ready = answers(f"http://127.0.0.1:{port}/v1/models")
    with started(command, VAR / "upstream.log", is_ready=ready, within_s=20) as group:
        yield System("upstream", port, "none", ("chat",), group.members)


@contextlib.contextmanager
def litellm(upstream_port: int) -> Iterator[System]:
    """LiteLLM's proxy with one worker, which checks a key and relays to the mock upstream."""
    port = free_port()
    command = [str(litellm_binary()), "--config", str(_litellm_config(upstream_port))]
    command += ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environment = {
        "LITELLM_MASTER_KEY": LITELLM_KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
    }
    ready = answers(f"http://127.0.0.1:{port}/health/liveliness")
    log = VAR / "litellm.log"
    with started(command, log, env=environment, is_ready=ready, within_s=120) as group:
        yield System("litellm", port, LITELLM_KEY, ("chat",), group.members)


def litellm_binary() -> Path:
    """Installs LiteLLM into its own environment on the first call."""
    folder = VAR / "litellm"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q", LITELLM]
        subprocess.run(pip, check=True)
        (folder / "installed").touch()
    return folder / "bin/litellm"


def _litellm_config(upstream_port: int) -> Path:
    def model(name: str) -> dict[str, object]:
        params = {
            "model": f"openai/{name}",
            "api_base": f"http://127.0.0.1:{upstream_port}/v1",
            "api_key": "none",
        }
        return {"model_name": name, "litellm_params": params}

    config = {
        "model_list": [model("bank"), model(PACED)],
        "general_settings": {"master_key": f"os.environ/{'LITELLM_MASTER_KEY'}"},
    }
    path = VAR / "litellm.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextlib.contextmanager
def vllm_server(model: Path, options: list[str]) -> Iterator[System]:
    """vLLM's own OpenAI server with the same model and engine options."""
    port = free_port()
    command = module("vllm.entrypoints.openai.api_server", "--model", str(model))
    command += ["--host", "127.0.0.1", "--port", str(port), "--served-model-name", "bank", *options]
    ready = answers(f"http://127.0.0.1:{port}/health")
    environment = {
        "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", "1"),
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": str(os.cpu_count()),
    }
    log = VAR / "vllm-server.log"
    with started(command, log, env=environment, is_ready=ready, within_s=300) as group:
        yield System("vllm-server", port, "none", ("chat",), group.members)


def make_model(folder: Path) -> None:
    """Creates a Llama with about 100 million random weights."""
    size = ["--hidden-size", "768", "--layers", "12"]
    subprocess.run([sys.executable, "-m", "jobs.make_model", str(folder), *size], check=True)
