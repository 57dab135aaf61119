"""The resources that a Serve configuration needs, and its changes for running on several nodes."""

import copy
import math
from collections.abc import Iterator
from typing import Any

Config = dict[str, Any]
Deployment = dict[str, Any]

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the network policies decide who reaches the pods
AT_LEAST = 2
"""Replicas of each deployment. With one, every update and every lost node would be an outage."""

WHOLE_GPU = 0.5
"""Two replicas that each need more than this do not share a GPU."""


def deployments(config: Config) -> Iterator[Deployment]:
    for application in config["applications"]:
        yield from application["deployments"]


def for_several_nodes(config: Config) -> Config:
    """Adapts the local configuration to a cluster without GPUs."""
    adapted = copy.deepcopy(config)
    adapted["proxy_location"] = "EveryNode"
    adapted["http_options"]["host"] = EVERYWHERE
    for deployment in deployments(adapted):
        deployment["ray_actor_options"].pop("num_gpus", None)
        _repeat(deployment)
    return adapted


def _repeat(deployment: Deployment) -> None:
    if scaling := deployment.get("autoscaling_config"):
        scaling["min_replicas"] = max(scaling["min_replicas"], AT_LEAST)
        scaling["max_replicas"] = max(scaling["max_replicas"], AT_LEAST)
    else:
        deployment["num_replicas"] = max(deployment.get("num_replicas", 1), AT_LEAST)


def replicas(deployment: Deployment) -> tuple[int, int]:
    """The minimum and maximum number of replicas."""
    if scaling := deployment.get("autoscaling_config"):
        return int(scaling["min_replicas"]), int(scaling["max_replicas"])
    return deployment["num_replicas"], deployment["num_replicas"]


def gpus(deployment: Deployment) -> float:
    """The fraction of a GPU that one replica takes."""
    return float(deployment["ray_actor_options"].get("num_gpus", 0))


def cpus(deployment: Deployment) -> float:
    return float(deployment["ray_actor_options"].get("num_cpus", 1))


def cpu_pods(config: Config, cpus_per_pod: int) -> tuple[int, int]:
    """Minimum and maximum number of pods for the deployments without a GPU."""
    least = most = 0.0
    for deployment in deployments(config):
        if not gpus(deployment):
            low, high = replicas(deployment)
            least += low * cpus(deployment)
            most += high * cpus(deployment)
    low, high = (max(AT_LEAST, math.ceil(total / cpus_per_pod)) for total in (least, most))
    return low, high


def gpu_pods(config: Config) -> tuple[int, int]:
    """Minimum and maximum number of pods with one GPU each; zeros if no deployment needs one."""
    return _gpus_of(config, 0), _gpus_of(config, 1)


def _gpus_of(config: Config, bound: int) -> int:
    taken = [(gpus(one), replicas(one)[bound]) for one in deployments(config)]
    shared = math.ceil(round(sum(part * count for part, count in taken), 4))
    alone = sum(count for part, count in taken if part > WHOLE_GPU)
    return max(shared, alone)


def longest_answer_s(config: Config) -> int:
    """The longest time that a replica or a pod may need to finish its requests."""
    waits = [float(one.get("graceful_shutdown_timeout_s", 20)) for one in deployments(config)]
    return math.ceil(max(*waits, float(config["http_options"]["request_timeout_s"])))
