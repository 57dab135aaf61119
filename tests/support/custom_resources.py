"""Validates manifests against the custom resource definitions of a folder, where there is one.

Kubernetes drops unknown fields in silence; here they are errors. Not covered: the rules in CEL
(`x-kubernetes-validations`), and what KubeRay's operator checks itself.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "KUBERAY_CRDS"

Schema = dict[str, Any]


def folder() -> Path:
    """The folder of the definitions, if configured."""
    return Path(os.environ.get(FOLDER_VARIABLE) or ROOT / "../shared/kuberay").resolve()


@cache
def schema_of(kind: str, version: str = "v1") -> Schema:
    """The strict schema of a kind. Raises `FileNotFoundError` where its definition is missing."""
    path = folder() / f"ray.io_{kind.lower()}s.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    definition = yaml.load(path.read_text(), Loader=loader)
    for served in definition["spec"]["versions"]:
        if served["name"] == version:
            schema: Schema = strict(served["schema"]["openAPIV3Schema"])
            return schema
    raise LookupError(f"{kind} has no version {version}")


def strict(schema: Any) -> Any:
    """The schema with unknown fields as errors, and with Kubernetes' own types."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    result = {
        key: {name: strict(one) for name, one in value.items()}
        if key == "properties"
        else strict(value)
        for key, value in schema.items()
    }
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields")
    if "properties" in schema and "additionalProperties" not in schema and not open_ended:
        result["additionalProperties"] = False
    return result


def at(schema: Schema, *path: str) -> Schema:
    """A part of a schema; ``[]`` steps into the items of a list."""
    for name in path:
        schema = schema["items"] if name == "[]" else schema["properties"][name]
    return schema


def mistakes(manifest: Any, schema: Schema) -> list[str]:
    """All violations with their paths."""
    validator = jsonschema.Draft202012Validator(schema)
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator.iter_errors(manifest)
    ]


def whole(schema: Schema) -> Schema:
    """The schema of an object, whose ``metadata`` definitions leave open."""
    anything = {"type": "object"}
    return {**schema, "properties": {**schema["properties"], "metadata": anything}}
