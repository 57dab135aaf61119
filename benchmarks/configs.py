"""Configurations to measure, derived from the shipped one with as few changes as possible."""

import copy
from pathlib import Path
from typing import Any

import yaml

from benchmarks.upstream import PACE_S, PACED
from genai.settings.application import Settings

SHIPPED = Path("serve_config.yaml")
REDIS = "var/bench/redis/redis.sock"
DOCUMENTS = "var/bench/documents"
"""Keeps the data of a run apart from that of `make run`."""

UNLIMITED = 1_000_000_000
LONGEST_ANSWER = 1000
"""Words in the script; a request takes as many of them as it asks for."""

Config = dict[str, Any]


def shipped() -> Config:
    """As shipped, with limits so high that they are counted but never reached."""
    config: Config = yaml.safe_load(SHIPPED.read_text())
    for application in config["applications"]:
        application["args"]["redis"] = {"embedded_socket": REDIS}
        application["args"]["rag"]["store"] = DOCUMENTS
        application["args"].setdefault("limits", {}).update(
            requests_per_minute=UNLIMITED,
            tokens_per_minute=UNLIMITED,
            concurrent_requests=UNLIMITED,
        )
    return config


def scripted(config: Config) -> Config:
    """The bank's model replaced by a scripted one that costs next to nothing."""
    config = copy.deepcopy(config)
    for application in config["applications"]:
        llms = application["args"]["llms"]
        placement = llms["bank"].get("placement", "LLM")
        model = {"backend": "scripted", "placement": placement, "tokens": LONGEST_ANSWER}
        llms["bank"] = model
        llms[PACED] = {**model, "seconds_per_token": PACE_S}
    return config


def inline(config: Config) -> Config:
    """All components in the ingress's process, without calls between processes."""
    config = copy.deepcopy(config)
    for application in config["applications"]:
        arguments = application["args"]
        arguments["placement"] = dict.fromkeys(arguments["placement"], "inline")
        for llm in arguments["llms"].values():
            llm["placement"] = "inline"
        application["deployments"] = [
            deployment
            for deployment in application["deployments"]
            if deployment["name"] == "Ingress"
        ]
    return config


def with_model(config: Config, folder: Path) -> Config:
    """The bank's model replaced by another one for the same engine, without a fallback."""
    config = copy.deepcopy(config)
    for application in config["applications"]:
        bank = application["args"]["llms"]["bank"]
        bank["model"] = str(folder)
        bank["fallbacks"] = []
        bank.pop("cpu_threads", None)
    return config


def write(config: Config, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def settings_of(config: Config) -> Settings:
    return Settings.model_validate(config["applications"][0]["args"])
