"""Who may reach whom: replicas run code for whoever reaches their own ports."""

import pytest

from tests.support.manifests import Manifest, of_kind, overlay, the

RAY = {"app.kubernetes.io/name": "assistant"}

POLICIES = of_kind(overlay("cpu"), "NetworkPolicy")


def policy(name: str) -> Manifest:
    found: Manifest = the(POLICIES, "NetworkPolicy", name)["spec"]
    return found


def test_nothing_is_allowed_that_is_not_listed() -> None:
    assert policy("default-deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_both_overlays_have_the_same_policies() -> None:
    assert of_kind(overlay("gpu"), "NetworkPolicy") == POLICIES


def test_every_way_into_ray_from_outside_is_one_port_of_one_neighbour() -> None:
    into = {
        one["metadata"]["name"]: one["spec"]["ingress"]
        for one in POLICIES
        if "ingress" in one["spec"] and one["metadata"]["name"] != "redis"
    }

    assert set(into) == {"serve", "operator", "ray"}
    assert into["ray"] == [{"from": [{"podSelector": {"matchLabels": RAY}}]}]
    for name, port in (("serve", 8000), ("operator", 8265)):
        (rule,) = into[name]
        (neighbour,) = rule["from"]
        assert neighbour["namespaceSelector"]["matchLabels"]
        assert rule["ports"] == [{"protocol": "TCP", "port": port}]


def test_clients_reach_workers_only_and_the_operator_the_head_only() -> None:
    for name, node in (("serve", "worker"), ("operator", "head")):
        assert policy(name)["podSelector"]["matchLabels"] == RAY | {"ray.io/node-type": node}


def test_only_the_assistant_reaches_redis() -> None:
    assert policy("redis")["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": RAY}}],
            "ports": [{"protocol": "TCP", "port": 6379}],
        }
    ]


def test_the_credentials_of_the_cloud_are_out_of_reach() -> None:
    blocks = [
        peer["ipBlock"]
        for one in POLICIES
        for rule in one["spec"].get("egress", [])
        for peer in rule["to"]
        if "ipBlock" in peer
    ]

    assert blocks
    for block in blocks:
        assert "169.254.0.0/16" in block["except"]


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_the_selected_labels_are_those_of_the_pods(name: str) -> None:
    cluster = the(overlay(name), "RayService", "assistant")["spec"]["rayClusterConfig"]
    templates = [cluster["headGroupSpec"]["template"]]
    templates += [group["template"] for group in cluster["workerGroupSpecs"]]

    for template in templates:
        assert RAY.items() <= template["metadata"]["labels"].items()
