"""The service as it ships, started for fault injection: with its own data and high limits."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from benchmarks.chaos.clients import Server
from benchmarks.chaos.processes import Processes
from benchmarks.processes import answers, module, started
from deployments.free_port import free_port

METERED_TOKENS = 10
METERED_MICRO_USD = METERED_TOKENS
"""The cost of a call of the model ``metered``, at a dollar per million output tokens."""

QUICK = "quick"
"""A model that answers at once, to measure the service alone."""

READY_WITHIN_S = 600.0


@contextlib.contextmanager
def running(var: Path) -> Iterator[tuple[Server, Processes]]:
    """``var`` must have a short path, because it contains a socket."""
    var.mkdir(parents=True, exist_ok=True)
    path, port = write_config(var), free_port()
    command = module(
        "deployments.launch", "--config", str(path), "--port", str(port), "--var", str(var)
    )
    ready = answers(f"http://127.0.0.1:{port}/readyz")
    log = var / "launch.log"
    with started(command, log, is_ready=ready, within_s=READY_WITHIN_S) as group:
        key = (var / "dev-key").read_text().strip()
        yield Server(f"http://127.0.0.1:{port}", key), Processes(group.root)


def write_config(var: Path) -> Path:
    config: dict[str, Any] = yaml.safe_load(
        Path("serve_config.yaml").read_text().replace("var/", f"{var}/")
    )
    args = config["applications"][0]["args"]
    args["redis"] = {"embedded_socket": f"{var}/redis/redis.sock"}
    args["data_key"] = {"file": f"{var}/data-key"}
    args["limits"] = dict.fromkeys(
        ("requests_per_minute", "tokens_per_minute", "concurrent_requests"), 10**9
    )
    args["llms"]["metered"] = {
        "backend": "scripted",
        "tokens": METERED_TOKENS,
        "delay_s": 0.2,
        "price": {"output": 1.0},
    }
    args["llms"][QUICK] = {"backend": "scripted", "tokens": 100}
    path = var / "serve_config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path
