"""The real service, as started by `make run`, with HTTP clients."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from deployments.launch import ROOT
from deployments.launched import launched
from genai.base.tracker import ModelVersion
from genai.settings.application import Settings
from jobs.rehearsal.clients import CLIENTS, PAUSE_S, Clients, in_thread, turns
from jobs.rehearsal.planted import Stage
from jobs.traffic import service_settings
from sample_bank import cards

REFUSED = 422
TOKENS = 160
NICER = 15
"""The niceness of training: the service has priority on the shared cores."""

TENANT = "demo"
"""The tenant of the development key."""

ENGINE = {
    "backend": "vllm",
    "max_model_len": 256,
    "cpu_kv_cache_gib": 0.1,
    "cpu_threads": 1,
    "dtype": "float32",
}
ADAPTER = {"backend": "adapter", "of": "engine", "slot_of": "cards"}


@dataclass(frozen=True, slots=True)
class Served:
    """``url`` is empty for a service without HTTP."""

    settings: Settings
    clients: Clients
    url: str = ""
    config: Path = Path()


@contextmanager
def serving(stage: Stage, champion: ModelVersion, webhook: str) -> Iterator[Served]:
    path = _config(stage, champion)
    environment = {"HF_HUB_OFFLINE": "1", "ALERT_WEBHOOK_URL": webhook}
    with launched(path, stage.folder, environment) as service:
        url, key = service.url, service.key
        print(f"the service answers at {url}", flush=True)
        os.nice(NICER)
        with in_thread(lambda clients: asyncio.run(_ask(url, key, clients)), Clients()) as clients:
            yield Served(service_settings(path), clients, url, path)


def _config(stage: Stage, champion: ModelVersion) -> Path:
    """The shipped config, with its data in the stage's folder, and the rehearsal's model as `bank`."""
    text = (ROOT / "serve_config.yaml").read_text().replace("var/", f"{stage.folder}/")
    config = yaml.safe_load(text)
    [application] = config["applications"]
    args = application["args"]
    shipped = args["llms"]
    args["llms"] = {
        "extractive": shipped["extractive"],
        "analyst": {"backend": "nearest_example", "examples": shipped["analyst"]["examples"]},
        "cards": {"backend": "canary", "slots": ["blue", "green"], "patience_s": 20},
        **(_adapters(champion) if stage.adapters else _models(champion)),
    }
    args["chat"] = {"llm": "cards", "system_prompt": cards.SYSTEM}
    # Training sometimes takes all cores.
    socket_path = str(stage.folder / "redis" / "redis.sock")
    args["redis"] = {"embedded_socket": socket_path, "timeout_s": 2.0}
    args["data_key"] = {"file": str(stage.folder / "data-key")}
    # Every question counts: there are only some hundred of them.
    args["traffic"] = {"sampled": 1.0, "busy_share": 1.0}
    application["deployments"] = list(_placed(application["deployments"], args["llms"]))
    path = stage.folder / "serve_config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def _adapters(champion: ModelVersion) -> dict[str, Any]:
    limits = {"loaded": 2, "max_rank": 8}
    engine = {**ENGINE, "model": champion.folder, "adapters": limits}
    return {"engine": engine, "blue": ADAPTER, "green": ADAPTER}


def _models(champion: ModelVersion) -> dict[str, Any]:
    """An engine and a deployment for each slot."""
    slot = {**ENGINE, "model": champion.folder, "slot_of": "cards"}
    return {"blue": {**slot, "placement": "Blue"}, "green": {**slot, "placement": "Green"}}


def _placed(shipped: list[dict[str, Any]], llms: dict[str, Any]) -> Iterator[dict[str, Any]]:
    hosts = {llm["placement"] for llm in llms.values() if "placement" in llm}
    for deployment in shipped:
        if deployment["name"] != "LLM" or not hosts:
            yield deployment
            continue
        for host in sorted(hosts):
            options = {"num_cpus": 0.25}
            yield {**deployment, "name": host, "ray_actor_options": options}


async def _ask(url: str, key: str, clients: Clients) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    timeout = aiohttp.ClientTimeout(total=90)
    async with aiohttp.ClientSession(url, headers=headers, timeout=timeout) as session:
        clients.ready.set()
        await asyncio.gather(*(_client(n, session, clients) for n in range(CLIENTS)))


async def _client(number: int, session: aiohttp.ClientSession, clients: Clients) -> None:
    """A client that asks, whole and streamed in turn, rates the answer, and asks again."""
    for turn, question, right in turns(number, clients):
        body = {
            "input": question,
            "route": "chat",
            "session_id": f"rehearsal-{turn}",
            "max_tokens": TOKENS,
            "stream": turn % 4 < CLIENTS,
        }
        clients.asked += 1
        try:
            answer = await _answer(session, body)
            if answer is None:
                clients.refused += 1
                continue
            rating = {"answer_id": answer["id"], "rating": _rating(right, answer["output"])}
            async with session.post("/v1/feedback", json=rating) as response:
                if response.status != 201:
                    clients.failed.append(f"feedback {response.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as error:
            clients.failed.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(PAUSE_S)


def _rating(right: str, said: str) -> str:
    return "up" if right in said else "down"


async def _answer(session: aiohttp.ClientSession, body: dict[str, Any]) -> dict[str, Any] | None:
    """The complete answer; None if a safety check refused. Raises `ValueError` if the stream has no end."""
    async with session.post("/v1/assistant/generate", json=body) as response:
        if response.status == REFUSED:
            return None
        if response.status != 200:
            raise ValueError(f"{response.status} {await response.text()}")
        if not body["stream"]:
            whole: dict[str, Any] = await response.json()
            return whole
        text = await response.text()
    for event in text.split("\n\n"):
        name, _, data = event.partition("\ndata: ")
        if name.endswith("event: done"):
            return dict(json.loads(data))
    raise ValueError(f"a stream without an end: {text[-300:]}")
