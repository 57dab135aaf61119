"""The really running service: Ray, Redis, vLLM and all, as `make run` starts it, on a free port."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from deployments.launch import ROOT
from deployments.launched import launched
from genai.access.keys import Keys
from genai.access.principal import KeyLimits
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.settings.state import RedisSettings


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
        """The launcher and all processes that it started."""
        launcher = psutil.Process(self.pid)
        return [launcher, *launcher.children(recursive=True)]

    def new_key(
        self, tenant: str, user: str, *, roles: tuple[str, ...] = ("user",), **limits: int
    ) -> str:
        """A key for another tenant or user, or with its own limits."""

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
    """The shipped config with its data in ``var``, and two more models: a scripted and a metered one."""
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text().replace("var/", f"{var}/"))
    args = config["applications"][0]["args"]
    args["redis"] = {"embedded_socket": str(redis_socket(var))}
    args["llms"]["scripted"] = {"backend": "scripted", "tokens": 2000, "seconds_per_token": 0.005}
    args["llms"]["priced"] = {"backend": "scripted", "tokens": 2, "price": {"output": 1.0}}
    path = var / "serve_config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def running_service(var: Path) -> Iterator[Service]:
    with launched(service_config(var), var) as service:
        said = re.search(r"Bearer (\S+?)'", service.said)
        assert said is not None, service.said
        yield Service(service.url, said[1], var, service.pid)
