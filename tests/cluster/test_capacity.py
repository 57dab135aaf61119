from typing import Any

from cluster.capacity import cpu_pods, for_several_nodes, gpu_pods, longest_answer_s


def deployment(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "ray_actor_options": {"num_cpus": 1}} | options


def config(*deployments: dict[str, Any]) -> dict[str, Any]:
    return {
        "proxy_location": "HeadOnly",
        "http_options": {"host": "127.0.0.1", "request_timeout_s": 100},
        "applications": [{"deployments": list(deployments)}],
    }


def scaled(low: int, high: int) -> dict[str, int]:
    return {"min_replicas": low, "max_replicas": high}


def on_gpu(share: float, low: int, high: int) -> dict[str, Any]:
    return deployment(
        "LLM",
        ray_actor_options={"num_cpus": 1, "num_gpus": share},
        autoscaling_config=scaled(low, high),
    )


def test_several_nodes_have_a_proxy_each_and_two_replicas_of_everything() -> None:
    one = deployment("A", num_replicas=1)
    laptop = config(one, deployment("B", autoscaling_config=scaled(1, 1)))

    adapted = for_several_nodes(laptop)

    first, second = adapted["applications"][0]["deployments"]
    assert adapted["proxy_location"] == "EveryNode"
    assert adapted["http_options"]["host"] == "0.0.0.0"
    assert first["num_replicas"] == 2
    assert second["autoscaling_config"] == scaled(2, 2)
    assert one["num_replicas"] == 1


def test_a_deployment_without_a_number_gets_two_replicas() -> None:
    (adapted,) = for_several_nodes(config(deployment("A")))["applications"][0]["deployments"]

    assert adapted["num_replicas"] == 2


def test_nodes_without_a_gpu_are_asked_for_none() -> None:
    assert "num_gpus" not in str(for_several_nodes(config(on_gpu(0.5, 1, 1))))


def test_there_are_pods_for_the_processors_that_are_asked_for() -> None:
    needs = config(
        deployment("A", num_replicas=7), deployment("B", autoscaling_config=scaled(2, 9))
    )

    assert cpu_pods(needs, cpus_per_pod=4) == (3, 4)


def test_even_a_small_graph_has_two_pods() -> None:
    assert cpu_pods(config(deployment("A", num_replicas=1)), cpus_per_pod=8) == (2, 2)


def test_fractions_of_gpus_are_added_up() -> None:
    assert gpu_pods(config(on_gpu(0.1, 3, 12))) == (1, 2)


def test_large_fractions_do_not_share_a_gpu() -> None:
    assert gpu_pods(config(on_gpu(0.6, 2, 4))) == (2, 4)


def test_without_fractions_there_are_no_pods_with_a_gpu() -> None:
    assert gpu_pods(config(deployment("A", num_replicas=1))) == (0, 0)


def test_the_longest_answer_is_that_of_the_slowest_part() -> None:
    slow = deployment("A", num_replicas=1, graceful_shutdown_timeout_s=300)

    assert longest_answer_s(config(slow)) == 300
    assert longest_answer_s(config(deployment("B", num_replicas=1))) == 100
