from typing import Any

from ray.serve.context import _get_serve_request_context, _set_request_context

from deployments.lone_calls import begun_alone


class Method:
    """Returns the request that a call would be a part of."""

    def remote(self, *arguments: object) -> tuple[str, tuple[object, ...]]:
        return _get_serve_request_context()._internal_request_id, arguments


def test_a_call_is_no_part_of_the_request_that_makes_it() -> None:
    _set_request_context(_internal_request_id="its caller")
    method: Any = Method()

    parent, arguments = begun_alone(method, (1, 2))

    assert parent != "its caller"
    assert arguments == (1, 2)
    assert _get_serve_request_context()._internal_request_id == "its caller"
