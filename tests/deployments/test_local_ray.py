from pathlib import Path

from ray.serve.schema import ServeDeploySchema

from deployments.config import load
from deployments.local_ray import LOOKS_EVERY_S, quick_to_stop

SHIPPED = Path(__file__).resolve().parents[2] / "serve_config.yaml"


def test_a_deployment_that_does_not_say_how_it_stops_is_quick_to_stop() -> None:
    quiet, outspoken = {"name": "A"}, {"name": "B", "graceful_shutdown_wait_loop_s": 1}
    config = {
        "http_options": {},
        "applications": [{"name": "x", "deployments": [quiet, outspoken]}],
    }

    (application,) = quick_to_stop(config)["applications"]

    waits = [one["graceful_shutdown_wait_loop_s"] for one in application["deployments"]]
    assert waits == [LOOKS_EVERY_S, 1]
    assert quiet == {"name": "A"}


def test_serve_takes_the_shipped_config_with_it() -> None:
    (application,) = ServeDeploySchema.model_validate(quick_to_stop(load(SHIPPED))).applications

    waits = {one.name: one.graceful_shutdown_wait_loop_s for one in application.deployments}
    assert waits.pop("Ingress") == 1
    assert set(waits.values()) == {LOOKS_EVERY_S}
