from deployments.local_ray import LOOKS_EVERY_S, quick_to_stop


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
