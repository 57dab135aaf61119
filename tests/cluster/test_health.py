import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cluster.docker.health import healthy


class Proxy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/-/healthz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_proxy_that_answers_is_healthy(address: str) -> None:
    assert healthy(f"{address}/-/healthz")


def test_a_proxy_that_refuses_is_not(address: str) -> None:
    assert not healthy(f"{address}/draining")


def test_no_proxy_is_not() -> None:
    assert not healthy("http://127.0.0.1:9/-/healthz")
