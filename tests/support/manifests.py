"""The objects that `kubectl apply -k` would send, put together without kubectl."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = ROOT / "cluster/kuberay/overlays"

Manifest = dict[str, Any]


def objects(folder: Path) -> list[Manifest]:
    """All objects of a kustomization: those of its files, and of the folders that it names."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    found: list[Manifest] = []
    for resource in kustomization["resources"]:
        path = (folder / resource).resolve()
        found += objects(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))
    return found


def overlay(name: str) -> list[Manifest]:
    """The objects of an overlay, for the caller to change as it likes."""
    return copy.deepcopy(_overlay(name))


@cache
def _overlay(name: str) -> list[Manifest]:
    return objects(OVERLAYS / name)


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] == kind]


def the(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = [one for one in of_kind(manifests, kind) if one["metadata"]["name"] == name]
    return found


def pod_specs(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The specification of every kind of pod, by a name for it."""
    cluster = the(manifests, "RayService", "assistant")["spec"]["rayClusterConfig"]
    pods = {"head": cluster["headGroupSpec"]["template"]["spec"]}
    for group in cluster["workerGroupSpecs"]:
        pods[group["groupName"]] = group["template"]["spec"]
    for one in of_kind(manifests, "StatefulSet"):
        pods[one["metadata"]["name"]] = one["spec"]["template"]["spec"]
    return pods


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]
