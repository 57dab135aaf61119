import shutil
import subprocess

import pytest
import yaml

from cluster.rayservice import TARGETS, Target
from cluster.render import render
from deployments.config import mistakes_in, without_gpus
from tests.support import custom_resources, manifests
from tests.support.custom_resources import at, mistakes, schema_of, whole

targets = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@pytest.fixture
def definitions() -> None:
    if not custom_resources.folder().is_dir():
        pytest.skip(
            "NOT VALIDATED: the manifests against KubeRay's schemas, because no folder with the "
            f"definitions is there; name one in {custom_resources.FOLDER_VARIABLE}"
        )


@targets
def test_the_committed_manifest_is_what_its_configuration_makes(target: Target) -> None:
    assert target.manifest.read_text() == render(target), "run `python -m cluster.render`"


@targets
def test_what_serve_is_given_has_no_mistakes(target: Target) -> None:
    service = manifests.the(manifests.overlay(target.name), "RayService", "assistant")

    assert list(mistakes_in(yaml.safe_load(service["spec"]["serveConfigV2"]))) == []


def test_only_what_several_nodes_need_differs_from_the_laptop() -> None:
    cpu = TARGETS[0]
    laptop = without_gpus(yaml.safe_load(cpu.config.read_text()))
    service = manifests.the(manifests.overlay("cpu"), "RayService", "assistant")
    cluster = yaml.safe_load(service["spec"]["serveConfigV2"])

    cluster["proxy_location"] = laptop["proxy_location"]
    cluster["http_options"]["host"] = laptop["http_options"]["host"]
    for config in (laptop, cluster):
        for deployment in config["applications"][0]["deployments"]:
            deployment.pop("num_replicas", None)
            deployment.pop("autoscaling_config", None)
    assert cluster == laptop


@targets
@pytest.mark.usefixtures("definitions")
def test_kuberay_knows_every_field_of_the_service(target: Target) -> None:
    service = manifests.the(manifests.overlay(target.name), "RayService", "assistant")

    assert mistakes(service, whole(schema_of("RayService"))) == []


@pytest.mark.usefixtures("definitions")
def test_a_misspelt_field_is_found() -> None:
    service = manifests.the(manifests.overlay("gpu"), "RayService", "assistant")
    head = service["spec"]["rayClusterConfig"]["headGroupSpec"]["template"]["spec"]
    head["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True

    (mistake,) = mistakes(service, whole(schema_of("RayService")))
    assert "readOnlyRootFileSystem" in mistake


@pytest.mark.usefixtures("definitions")
def test_kubernetes_knows_every_field_of_the_pods_of_redis() -> None:
    redis = manifests.the(manifests.overlay("cpu"), "StatefulSet", "redis")
    cluster = at(schema_of("RayService"), "spec", "rayClusterConfig")
    template = at(cluster, "headGroupSpec", "template")

    assert mistakes(redis["spec"]["template"], template) == []


@pytest.mark.usefixtures("definitions")
def test_kubernetes_knows_every_field_of_the_network_rules() -> None:
    cluster = at(schema_of("RayService"), "spec", "rayClusterConfig")
    rules = at(cluster, "networkPolicy", "head")

    for policy in manifests.of_kind(manifests.overlay("cpu"), "NetworkPolicy"):
        assert mistakes(policy["spec"].get("ingress", []), at(rules, "ingressRules")) == []
        assert mistakes(policy["spec"].get("egress", []), at(rules, "egressRules")) == []


@targets
def test_kubectl_puts_the_same_objects_together(target: Target) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("NOT VALIDATED: the kustomizations, because kubectl is not installed")

    built = subprocess.run(
        [kubectl, "kustomize", str(target.manifest.parent)],
        capture_output=True,
        text=True,
        check=True,
    )

    expected = manifests.overlay(target.name)
    names = {(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(built.stdout)}
    assert names == {(one["kind"], one["metadata"]["name"]) for one in expected}
