"""Generates a KubeRay RayService from a Serve configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cluster.capacity import Config, cpu_pods, for_several_nodes, gpu_pods, longest_answer_s
from cluster.pods import LABELS, RESTRICTED, SECRET, WRITABLE, Manifest, Size, head, worker

ROOT = Path(__file__).resolve().parents[1]

RAY_VERSION = "2.60.0"
IMAGE = "genai-factory:0.1.0"
"""The image without its variant; an overlay's `images` sets registry and tag."""

HEAD = Size(cpus=2, memory="6Gi")
CPU_WORKER = Size(cpus=4, memory="16Gi")
GPU_WORKER = Size(cpus=8, memory="48Gi", gpus=1)


@dataclass(frozen=True)
class Target:
    """A kind of cluster: its configuration, and how that is adapted."""

    name: str
    config: Path
    adapt: Callable[[Config], Config]

    @property
    def manifest(self) -> Path:
        return ROOT / "cluster/kuberay/overlays" / self.name / "rayservice.yaml"


TARGETS = (
    Target("cpu", ROOT / "serve_config.yaml", for_several_nodes),
    Target("gpu", ROOT / "cluster/gpu/serve_config.yaml", lambda config: config),
)


def rayservice(config: Config) -> Manifest:
    longest_s = longest_answer_s(config)
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": {"name": "assistant", "labels": dict(LABELS)},
        "spec": {
            "serveConfigV2": Literal(yaml.safe_dump(config, sort_keys=False, width=100)),
            "upgradeStrategy": {"type": "NewCluster"},
            "rayClusterDeletionDelaySeconds": longest_s + 60,  # the old one ends its answers first
            "excludeHeadPodFromServeSvc": True,
            "serveService": _service(config["http_options"]["port"]),
            "rayClusterConfig": _cluster(config, longest_s),
        },
    }


def _service(port: int) -> Manifest:
    """KubeRay adds the selector: the pods of the active cluster with a healthy proxy."""
    return {
        "metadata": {"name": "assistant", "labels": dict(LABELS)},
        "spec": {"type": "ClusterIP", "ports": [{"name": "serve", "port": port}]},
    }


def _cluster(config: Config, longest_s: int) -> Manifest:
    port = config["http_options"]["port"]
    scales = gpu_pods(config) != (0, 0)
    cluster: Manifest = {
        "rayVersion": RAY_VERSION,
        "authOptions": {"mode": "token", "secretName": f"{SECRET}-ray-token"},
        "gcsFaultToleranceOptions": _state(),
        "headGroupSpec": {
            "rayStartParams": {"num-cpus": "0", "dashboard-host": "0.0.0.0"},  # noqa: S104
            "template": head(f"{IMAGE}-cpu", HEAD, port=port, longest_s=longest_s, token=scales),
        },
        "workerGroupSpecs": _groups(config, port, longest_s),
    }
    if scales:
        cluster |= {"enableInTreeAutoscaling": True, "autoscalerOptions": _autoscaler()}
    return cluster


def _groups(config: Config, port: int, longest_s: int) -> list[Manifest]:
    template = worker(f"{IMAGE}-cpu", CPU_WORKER, port=port, longest_s=longest_s)
    groups = [_group("cpu", cpu_pods(config, CPU_WORKER.cpus), CPU_WORKER, template)]
    counts = gpu_pods(config)
    if counts != (0, 0):
        template = worker(f"{IMAGE}-gpu", GPU_WORKER, port=port, longest_s=longest_s)
        groups.append(_group("gpu", counts, GPU_WORKER, template))
    return groups


def _group(name: str, counts: tuple[int, int], size: Size, template: Manifest) -> Manifest:
    params = {"num-cpus": str(size.cpus)}
    if size.gpus:
        params["num-gpus"] = str(size.gpus)
    return {
        "groupName": name,
        "replicas": counts[0],
        "minReplicas": counts[0],
        "maxReplicas": counts[1],
        "rayStartParams": params,
        "template": template,
    }


def _state() -> Manifest:
    """Fault tolerance of the head: a restarted head recovers its state, and workers keep serving
    meanwhile.
    """
    return {
        "backend": "redis",
        "redisAddress": "redis:6379",
        "redisPassword": {"valueFrom": {"secretKeyRef": {"name": SECRET, "key": "redis-password"}}},
    }


def _autoscaler() -> Manifest:
    return {
        "version": "v2",
        "idleTimeoutSeconds": 300,
        "resources": Size(1, "1Gi").resources(),
        "securityContext": RESTRICTED,
        "volumeMounts": WRITABLE,
    }


class Literal(str):
    """A string that YAML writes as a block."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: Literal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")


_Dumper.add_representer(Literal, _block)


def as_yaml(manifest: Manifest) -> str:
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, width=100)
