"""What answers whom: nothing but the service, and nothing to strangers."""

import ipaddress
import itertools
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from tests.support.running_service import ROOT, Service


def test_every_process_listens_on_loopback_only(service: Service) -> None:
    addresses = listening(service)

    assert addresses
    assert [ip for ip, _ in addresses if not is_loopback(ip)] == []


def listening(service: Service) -> list[tuple[str, int]]:
    pids = {process.pid for process in service.processes()}
    return [
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.pid in pids
    ]


def is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def test_jobs_cannot_be_submitted_without_the_token(service: Service) -> None:
    ports = {port for _, port in listening(service)}

    assert ports
    paths = ("/api/jobs/", "/api/job_agent/jobs/")
    urls = [f"http://127.0.0.1:{port}{path}" for port, path in itertools.product(ports, paths)]
    with ThreadPoolExecutor(16) as pool:  # most do not speak HTTP
        submitted = [url for url, done in zip(urls, pool.map(submits, urls), strict=True) if done]
    assert submitted == []


def submits(url: str) -> bool:
    try:
        return httpx.post(url, json={"entrypoint": "id"}, timeout=5).is_success
    except httpx.HTTPError:
        return False


def test_secrets_are_readable_by_their_owner_only(service: Service) -> None:
    for name in ("ray-token", "dev-key"):
        assert (service.var / name).stat().st_mode & 0o077 == 0


def test_an_unknown_key_prevents_the_start_and_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    text = (ROOT / "serve_config.yaml").read_text()
    bad.write_text(text.replace("max_queued_requests", "max_queued_request", 1))

    started = subprocess.run(
        [sys.executable, "-m", "deployments.launch", "--config", str(bad), "--var", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )

    assert started.returncode == 1
    assert "max_queued_request " in started.stderr


def test_a_taken_port_is_named(service: Service, tmp_path: Path) -> None:
    port = service.url.rsplit(":", 1)[1]

    started = subprocess.run(
        [sys.executable, "-m", "deployments.launch", "--port", port, "--var", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )

    assert started.returncode == 1
    assert f"port {port}" in started.stderr


def test_jobs_are_taken_from_whoever_has_the_token(service: Service) -> None:
    token = (service.var / "ray-token").read_text()
    address = (service.var / "ray-address").read_text().strip()
    body = {"entrypoint": "true", "submission_id": f"test_{time.time_ns()}"}
    headers = {"Authorization": f"Bearer {token}"}

    taken = httpx.post(f"{address}/api/jobs/", json=body, headers=headers, timeout=60)

    assert taken.json()["submission_id"] == body["submission_id"]
