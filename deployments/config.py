"""Reads and validates `serve_config.yaml`. Rejects keys that Serve would silently ignore.

    python -m deployments.config serve_config.yaml [--without-gpus]

prints the validated file as JSON, or lists every mistake with its key and exits with 1. Files that may
exist on another machine only are told, and are no mistakes.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingConfig
from ray.serve.schema import (
    DeploymentSchema,
    HTTPOptionsSchema,
    RayActorOptionsSchema,
    ServeApplicationSchema,
    ServeDeploySchema,
)

from deployments.config_files import Missing, missing_files
from deployments.config_import import mistake_in_import
from deployments.config_keys import known_keys, unknown_key
from deployments.config_yaml import read_yaml
from deployments.free_port import mistake_in_port
from genai.errors import Misconfigured
from genai.settings.application import Settings

ROOT = Path(__file__).resolve().parents[1]

DEPLOYMENT_OF = {
    "embedder": "Embedder",
    "rag": "RAG",
    "agent": "Agent",
    "orchestrator": "Orchestrator",
    "safety": "Safety",
}
"""The settings under ``placement``, and the deployment of each."""


def load(path: Path) -> dict[str, Any]:
    """The validated content of the file. Raises `Misconfigured`, which lists all mistakes."""
    try:
        config = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise Misconfigured(f"{path.name} is not a mapping")
    if mistakes := list(mistakes_in(config)):
        raise Misconfigured("\n".join(f"{path.name}: {mistake}" for mistake in mistakes))
    return config


def mistakes_in(config: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(config, ServeDeploySchema, "")
    options = config.get("http_options") or {}
    yield from _unknown(options, HTTPOptionsSchema, "http_options.")
    port = options.get("port")
    if isinstance(port, int) and (mistake := mistake_in_port(port)):
        yield f"http_options.port: {mistake}"
    applications = config.get("applications") or []
    if not applications:
        yield "applications: at least one is needed"
    for index, application in enumerate(applications):
        where = f"applications[{index}]."
        wrong = list(_mistakes_in_application(application, where))
        yield from wrong
        if not wrong:
            yield from _cut_off(application, options.get("request_timeout_s"), where)
    yield from _invalid(ServeDeploySchema, config, "")


def _mistakes_in_application(application: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(application, ServeApplicationSchema, where)
    path = application.get("import_path")
    if isinstance(path, str) and (mistake := mistake_in_import(path)):
        yield f"{where}import_path: {mistake}"
    wrong_args = list(_invalid(Settings, application.get("args") or {}, f"{where}args."))
    yield from wrong_args
    for deployment in application.get("deployments") or []:
        here = f"{where}deployments.{deployment.get('name', '?')}."
        yield from _unknown(deployment, DeploymentSchema, here)
        yield from _unknown(
            deployment.get("ray_actor_options") or {},
            RayActorOptionsSchema,
            f"{here}ray_actor_options.",
        )
        yield from _unknown(
            deployment.get("autoscaling_config") or {},
            AutoscalingConfig,
            f"{here}autoscaling_config.",
        )
    if not wrong_args:
        yield from _unplaced(application, where)


def _unplaced(application: Mapping[str, Any], where: str) -> Iterator[str]:
    """Mismatches between ``deployments`` and the graph.

    Serve would refuse to deploy for an unknown name, and run a missing one with its defaults.
    """
    known = deployment_names(Settings.model_validate(application["args"]))
    named = [d.get("name") for d in application.get("deployments") or []]
    for name in named:
        if name not in known:
            yield f"{where}deployments: the graph has no deployment {name}"
    for name in sorted(known - set(named)):
        yield f"{where}deployments: {name} is missing"


def _cut_off(application: Mapping[str, Any], within_s: Any, where: str) -> Iterator[str]:
    """Requests that Serve would end without an answer before the assistant can."""
    longest_s = Settings.model_validate(application["args"]).http.max_timeout_s
    if isinstance(within_s, int | float) and 0 <= within_s <= longest_s:
        yield (
            f"http_options.request_timeout_s: {within_s:g} is not longer than "
            f"{where}args.http.max_timeout_s, {longest_s:g}"
        )


def deployment_names(settings: Settings) -> set[str]:
    """Names of the deployments in the graph of these settings."""
    placed = {
        deployment
        for name, deployment in DEPLOYMENT_OF.items()
        if getattr(settings.placement, name) == "deployment"
    }
    hosts = {llm.placement for llm in settings.llms.values()} - {"inline"}
    return {"Ingress"} | placed | hosts


def _unknown(section: Mapping[str, Any], schema: type[BaseModel], where: str) -> Iterator[str]:
    for key in section:
        if key not in schema.model_fields:
            yield unknown_key(where, key, schema.model_fields)


def _invalid(schema: type[BaseModel], values: Mapping[str, Any], where: str) -> Iterator[str]:
    try:
        schema.model_validate(values)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False, include_context=False):
            *section, key = mistake["loc"] or ("",)
            if mistake["type"] == "extra_forbidden":
                inside = "".join(f"{part}." for part in section)
                yield unknown_key(f"{where}{inside}", str(key), known_keys(schema, section))
            else:
                location = f"{where}{'.'.join(map(str, mistake['loc']))}".rstrip(".")
                yield f"{location}: {mistake['msg'].removeprefix('Value error, ')}".removeprefix(
                    ": "
                )


def missing_in(config: Mapping[str, Any], root: Path = ROOT) -> Iterator[Missing]:
    """The files that the settings of a valid config name, and that are not on this machine."""
    for application in config["applications"]:
        yield from missing_files(Settings.model_validate(application.get("args") or {}), root)


def without_gpus(config: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without ``num_gpus``: on a machine without a GPU, replicas that ask for one never start."""
    copy: dict[str, Any] = json.loads(json.dumps(config))
    for application in copy["applications"]:
        for deployment in application.get("deployments") or []:
            (deployment.get("ray_actor_options") or {}).pop("num_gpus", None)
    return copy


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, nargs="?", default=Path("serve_config.yaml"))
    parser.add_argument("--without-gpus", action="store_true", help="drop fractions of GPUs")
    args = parser.parse_args(argv)
    try:
        config = load(args.path)
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 1
    missing = list(missing_in(config))
    sys.stderr.writelines(f"{args.path.name}: {each}\n" for each in missing)
    if any(each.certain for each in missing):
        return 1
    config = without_gpus(config) if args.without_gpus else config
    sys.stdout.write(json.dumps(config, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
