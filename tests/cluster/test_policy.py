"""What every manifest must promise, whatever it deploys."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from cluster.capacity import cpus, deployments, gpus, longest_answer_s, replicas
from tests.support.manifests import Manifest, containers, of_kind, overlay, pod_specs, the

OVERLAYS = ("cpu", "gpu")
PODS = [(name, pod) for name in OVERLAYS for pod in pod_specs(overlay(name))]
RAY_PODS = [(name, pod) for name, pod in PODS if pod != "redis"]
SECRET_WORDS = ("KEY", "TOKEN", "PASSWORD", "SECRET", "AUTH", "URL")

every_overlay = pytest.mark.parametrize("name", OVERLAYS)
every_pod = pytest.mark.parametrize(("name", "pod"), PODS)
every_worker = pytest.mark.parametrize(
    ("name", "pod"), [(name, pod) for name, pod in RAY_PODS if pod != "head"]
)


def spec(name: str, pod: str) -> Manifest:
    return pod_specs(overlay(name))[pod]


def service(name: str) -> Manifest:
    found: Manifest = the(overlay(name), "RayService", "assistant")["spec"]
    return found


def served(name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(service(name)["serveConfigV2"])
    return config


@every_pod
def test_nobody_is_root_and_nothing_is_written_but_where_it_is_meant(name: str, pod: str) -> None:
    context = spec(name, pod)["securityContext"]

    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(spec(name, pod)):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@every_pod
def test_every_container_says_what_it_needs(name: str, pod: str) -> None:
    for container in containers(spec(name, pod)):
        resources = container["resources"]
        assert {"cpu", "memory"} <= set(resources["requests"])
        assert resources["limits"]["memory"] == resources["requests"]["memory"]


@every_pod
def test_every_pod_is_probed(name: str, pod: str) -> None:
    for container in spec(name, pod)["containers"]:
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


@every_pod
def test_every_image_has_a_fixed_tag(name: str, pod: str) -> None:
    for container in containers(spec(name, pod)):
        _, _, tag = container["image"].rpartition(":")
        assert tag[0].isdigit()
        assert "latest" not in tag


@every_pod
def test_no_secret_stands_in_a_pod(name: str, pod: str) -> None:
    for container in containers(spec(name, pod)):
        for variable in container.get("env", []):
            if any(word in variable["name"] for word in SECRET_WORDS):
                assert set(variable) == {"name", "valueFrom"}
                assert set(variable["valueFrom"]) == {"secretKeyRef"}


@every_overlay
def test_no_secret_is_in_the_repository_but_the_way_to_each_is(name: str) -> None:
    assert of_kind(overlay(name), "Secret") == []

    made = {
        one["spec"]["target"]["name"]: set(
            one["spec"]["target"].get("template", {}).get("data")
            or (entry["secretKey"] for entry in one["spec"]["data"])
        )
        for one in of_kind(overlay(name), "ExternalSecret")
    }
    for wanted in secret_references(overlay(name)):
        assert wanted["key"] in made[wanted["name"]]
    assert made[service(name)["rayClusterConfig"]["authOptions"]["secretName"]] == {"auth_token"}


def secret_references(node: Any) -> Iterator[dict[str, str]]:
    if isinstance(node, dict):
        if "secretKeyRef" in node:
            yield node["secretKeyRef"]
        for value in node.values():
            yield from secret_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from secret_references(value)


@every_overlay
def test_ray_asks_for_a_token(name: str) -> None:
    cluster = service(name)["rayClusterConfig"]

    assert cluster["authOptions"]["mode"] == "token"
    assert tuple(map(int, cluster["rayVersion"].split("."))) >= (2, 52)


@every_overlay
def test_the_state_of_the_head_outlives_it(name: str) -> None:
    options = service(name)["rayClusterConfig"]["gcsFaultToleranceOptions"]

    assert options["backend"] == "redis"
    assert "secretKeyRef" in options["redisPassword"]["valueFrom"]


@every_worker
def test_a_pod_that_stops_finishes_the_longest_answer_first(name: str, pod: str) -> None:
    (container,) = spec(name, pod)["containers"]
    command = container["lifecycle"]["preStop"]["exec"]["command"]
    drain_s = int(command[command.index("--within") + 1])
    grace_s = spec(name, pod)["terminationGracePeriodSeconds"]

    assert "cluster.drain" in command
    assert longest_answer_s(served(name)) < drain_s < grace_s


@every_overlay
def test_an_old_cluster_finishes_its_answers_before_it_is_deleted(name: str) -> None:
    assert service(name)["rayClusterDeletionDelaySeconds"] > longest_answer_s(served(name))


@every_overlay
def test_the_ingress_may_finish_whatever_a_request_may_last(name: str) -> None:
    config = served(name)
    (ingress,) = [one for one in deployments(config) if one["name"] == "Ingress"]

    assert ingress["graceful_shutdown_timeout_s"] >= config["http_options"]["request_timeout_s"]


@every_overlay
def test_no_deployment_stands_on_one_replica_but_a_model_with_fallbacks(name: str) -> None:
    config = served(name)
    single = {one["name"] for one in deployments(config) if replicas(one)[0] < 2}
    models = config["applications"][0]["args"]["llms"].values()

    assert single <= {"LLM"}
    if single:
        assert all(llm["fallbacks"] for llm in models if llm["backend"] == "vllm")


@every_overlay
def test_every_queue_has_an_end(name: str) -> None:
    for deployment in deployments(served(name)):
        assert deployment["max_queued_requests"] > 0


def test_the_smallest_graph_shares_one_gpu() -> None:
    shares = {one["name"]: gpus(one) * replicas(one)[0] for one in deployments(served("gpu"))}
    on_gpu = {name for name, share in shares.items() if share}

    assert on_gpu == {"LLM", "Embedder", "Safety"}
    assert round(sum(shares.values()), 6) <= 1


def test_vllm_takes_no_more_memory_than_its_share_of_the_gpu() -> None:
    config = served("gpu")
    (share,) = [gpus(one) for one in deployments(config) if one["name"] == "LLM"]

    for llm in config["applications"][0]["args"]["llms"].values():
        if llm["backend"] == "vllm":
            assert llm["gpu_memory_utilization"] < share


@every_overlay
def test_the_nodes_hold_what_the_deployments_may_grow_to(name: str) -> None:
    groups = service(name)["rayClusterConfig"]["workerGroupSpecs"]
    for bound, count in ((0, "replicas"), (1, "maxReplicas")):
        for resource, wants in (("num-cpus", cpus), ("num-gpus", gpus)):
            has = sum(
                group[count] * int(group["rayStartParams"].get(resource, 0)) for group in groups
            )
            needs = sum(replicas(one)[bound] * wants(one) for one in deployments(served(name)))
            assert needs <= has + 1e-9, resource


@every_overlay
def test_the_head_hosts_no_replica_and_no_client(name: str) -> None:
    head = service(name)["rayClusterConfig"]["headGroupSpec"]

    assert head["rayStartParams"]["num-cpus"] == "0"
    assert service(name)["excludeHeadPodFromServeSvc"] is True


@every_worker
def test_no_worker_may_talk_to_kubernetes(name: str, pod: str) -> None:
    assert spec(name, pod)["automountServiceAccountToken"] is False


@every_overlay
def test_nodes_are_emptied_one_worker_at_a_time(name: str) -> None:
    budget = the(overlay(name), "PodDisruptionBudget", "assistant-workers")["spec"]

    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"]["ray.io/node-type"] == "worker"
