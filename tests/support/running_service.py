"""The really running service: Ray, Redis, vLLM and all, as `make run` starts it, on a free port."""

import asyncio
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from genai.access.keys import Keys
from genai.access.principal import KeyLimits
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.settings.state import RedisSettings

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 600
STOP_WITHIN_S = 60


@dataclass(frozen=True)
class Service:
    url: str
    key: str
    var: Path
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def processes(self) -> list[psutil.Process]:
        """Everything that the launcher started, and the launcher."""
        launcher = psutil.Process(self.pid)
        return [launcher, *launcher.children(recursive=True)]

    def new_key(
        self, tenant: str, user: str, *, roles: tuple[str, ...] = ("user",), **limits: int
    ) -> str:
        """A key of another tenant or user, or with limits of its own."""

        async def create() -> str:
            store = Store(connect(RedisSettings(embedded_socket=str(redis_socket(self.var)))))
            try:
                key, _ = await Keys(store).async_create(
                    tenant,
                    user,
                    roles=roles,  # type: ignore[arg-type]
                    limits=KeyLimits.model_validate(limits),
                )
                return key
            finally:
                await store.close()

        return asyncio.run(create())


def redis_socket(var: Path) -> Path:
    return var / "redis" / "redis.sock"


def service_config(var: Path) -> Path:
    """The shipped config, with its data in ``var`` and a scripted model beside the others."""
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text().replace("var/", f"{var}/"))
    args = config["applications"][0]["args"]
    args["redis"] = {"embedded_socket": str(redis_socket(var))}
    args["llms"]["scripted"] = {"backend": "scripted", "tokens": 2000, "seconds_per_token": 0.005}
    path = var / "serve_config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def running_service(var: Path) -> Iterator[Service]:
    port = _free_port()
    command = [sys.executable, "-m", "deployments.launch", "--config", str(service_config(var))]
    environment = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "OPENAI_API_KEY")}
    process = subprocess.Popen(
        [*command, "--port", str(port), "--var", str(var)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said = _wait_for(process, "answers at")
        key = re.search(r"Bearer (\S+?)'", said)
        assert key is not None, said
        yield Service(f"http://127.0.0.1:{port}", key[1], var, process.pid)
    finally:
        _stop(process)


def _wait_for(process: "subprocess.Popen[str]", words: str) -> str:
    """What the process printed until and a little after these words."""
    assert process.stdout is not None
    said, until = "", time.monotonic() + START_WITHIN_S
    os.set_blocking(process.stdout.fileno(), False)
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while words not in said or "Bearer" not in said:
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"the service did not start:\n{said}")
            if waiting.select(timeout=1.0):
                said += process.stdout.read() or ""
    return said


def _stop(process: "subprocess.Popen[str]") -> None:
    """By the ids of what was started: first as Ctrl-C does, then whatever is left."""
    started = [process.pid, *(p.pid for p in psutil.Process(process.pid).children(recursive=True))]
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
    if process.stdout is not None:
        process.stdout.close()
    for pid in started:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
