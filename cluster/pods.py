"""The pods of a Ray cluster: user, volumes, probes and shutdown."""

from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]

USER_ID = 10001
"""The user of the image, as in `cluster/docker/Dockerfile`."""

LABELS = {
    "app.kubernetes.io/name": "assistant",
    "app.kubernetes.io/part-of": "genai-factory",
}
"""Selected by the network policies and the disruption budget."""

SECRET = "assistant"  # noqa: S105 - a name
AGENT_PORT = 52365
PROXY_DRAIN_S = 30
"""The minimum drain time of Serve's proxy."""

SLACK_S = 30
"""Time for Ray to stop after the drain."""

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
WRITABLE = [
    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - Ray's sessions, HAProxy's files
    {"name": "home", "mountPath": "/home/genai"},  # caches of compiled kernels
]
DATA = {"name": "data", "mountPath": "/app/var"}


@dataclass(frozen=True)
class Size:
    cpus: int
    memory: str
    gpus: int = 0

    def resources(self) -> Manifest:
        amount: Manifest = {"cpu": str(self.cpus), "memory": self.memory}
        if self.gpus:
            amount["nvidia.com/gpu"] = str(self.gpus)
        return {"requests": dict(amount), "limits": dict(amount)}


def head(image: str, size: Size, *, port: int, longest_s: int, token: bool) -> Manifest:
    """Ray's control plane. It runs no replicas and takes no client traffic.

    ``token`` mounts the service account, which Ray's autoscaler needs.
    """
    container = _ray_container("ray-head", image, size)
    container["ports"] = [
        {"containerPort": 6379, "name": "gcs-server"},
        {"containerPort": 8265, "name": "dashboard"},
        {"containerPort": 10001, "name": "client"},
        {"containerPort": port, "name": "serve"},
    ]
    container["readinessProbe"] = _probe("/api/healthz", AGENT_PORT, failures=3)
    return _pod(container, grace_s=longest_s + SLACK_S, token=token)


def worker(image: str, size: Size, *, port: int, longest_s: int) -> Manifest:
    """A node for replicas, with its own proxy."""
    grace_s = longest_s + PROXY_DRAIN_S + SLACK_S
    container = _ray_container("ray-worker", image, size)
    container["ports"] = [{"containerPort": port, "name": "serve"}]
    container["readinessProbe"] = _probe("/-/healthz", port, failures=1)
    container["lifecycle"] = {"preStop": {"exec": {"command": _drain(grace_s - SLACK_S, port)}}}
    pod = _pod(container, grace_s=grace_s, token=False)
    pod["spec"]["topologySpreadConstraints"] = [_spread()]
    if size.gpus:
        pod["spec"]["tolerations"] = [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
        ]
    return pod


def _drain(within_s: int, port: int) -> list[str]:
    return ["python", "-m", "cluster.drain", "--within", str(within_s), "--port", str(port)]


def _pod(container: Manifest, *, grace_s: int, token: bool) -> Manifest:
    return {
        "metadata": {"labels": dict(LABELS)},
        "spec": {
            "automountServiceAccountToken": token,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": grace_s,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER_ID,
                "runAsGroup": USER_ID,
                "fsGroup": USER_ID,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [_seed(container["image"])],
            "containers": [container],
            "volumes": [
                {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
                {"name": "home", "emptyDir": {"sizeLimit": "5Gi"}},
                {"name": "data", "persistentVolumeClaim": {"claimName": "assistant-data"}},
            ],
        },
    }


def _ray_container(name: str, image: str, size: Size) -> Manifest:
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "env": _environment(),
        "resources": size.resources(),
        "securityContext": RESTRICTED,
        "volumeMounts": [*WRITABLE, DATA],
        "startupProbe": _probe("/api/healthz", AGENT_PORT, failures=60),
        "livenessProbe": _probe("/api/healthz", AGENT_PORT, failures=12),
    }


def _seed(image: str) -> Manifest:
    """Copies data of the image to the shared volume if it is missing."""
    return {
        "name": "seed",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "cluster.seed", "/app/var", "/data"],
        "resources": Size(1, "256Mi").resources(),
        "securityContext": RESTRICTED,
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }


def _environment() -> list[Manifest]:
    """The variables that differ between installations; all others are in the image."""
    return [
        _secret("REDIS_URL", "redis-url", optional=False),
        _secret("DATA_KEY", "data-key", optional=False),
        _secret("OPENAI_API_KEY", "openai-api-key", optional=True),
        _secret("ALERT_WEBHOOK_URL", "alert-webhook-url", optional=True),
    ]


def _secret(name: str, key: str, *, optional: bool) -> Manifest:
    return {
        "name": name,
        "valueFrom": {"secretKeyRef": {"name": SECRET, "key": key, "optional": optional}},
    }


def _probe(path: str, port: int, *, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": port},
        "periodSeconds": 5,
        "timeoutSeconds": 4,
        "failureThreshold": failures,
    }


def _spread() -> Manifest:
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(LABELS)},
    }
