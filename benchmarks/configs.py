"""Configurations to measure, made from the one that ships: only what must differ does."""

import copy
from pathlib import Path
from typing import Any

import yaml

from benchmarks.upstream import PACE_S, PACED
from genai.settings.application import Settings

SHIPPED = Path("serve_config.yaml")
REDIS = "var/bench/redis/redis.sock"
DOCUMENTS = "var/bench/documents"
"""What a run stores is kept apart from what `make run` does."""

UNLIMITED = 1_000_000_000
LONGEST_ANSWER = 1000
"""Tokens that the scripted model has to say; a request takes as many of them as it wants."""

Config = dict[str, Any]


def shipped() -> Config:
    """As it ships, but for limits that are never reached: they are counted all the same."""
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
    """The bank's model replaced, where it stands, by one that costs next to nothing."""
    config = copy.deepcopy(config)
    for application in config["applications"]:
        llms = application["args"]["llms"]
        placement = llms["bank"].get("placement", "LLM")
        model = {"backend": "scripted", "placement": placement, "tokens": LONGEST_ANSWER}
        llms["bank"] = model
        llms[PACED] = {**model, "seconds_per_token": PACE_S}
    return config


def inline(config: Config) -> Config:
    """Everything in the ingress's process: no calls between processes are left."""
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
    """The bank's model replaced by another one for the same engine; without a stand-in for it."""
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
