"""Drift in the traffic of the running service: no alarm without drift, and one with it."""

import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import yaml

from genai.drift.detector import DriftSettings, detect
from genai.traffic.observed import Observed
from jobs.rehearsal.running import Served
from jobs.traffic import service_state

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = 20
WINDOW = 100
WITHIN_S = 120


@dataclass(slots=True)
class Webhook:
    """A receiver of the service's alerts."""

    url: str
    alerts: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.alerts.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    heard = Webhook(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, name="webhook")
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drift(served: Served, heard: Webhook) -> list[str]:
    """The failed expectations."""
    traffic = observed(served)
    false = false_alarms(traffic)
    print(f"drift: {false} alarms on {WINDOWS} windows resampled from {len(traffic)} requests")
    began = moved(served)
    said = submitted(served, began)
    features = said.rpartition("moved: ")[2].partition("\n")[0]
    print(f"drift: when clients asked about something else, {features} moved", flush=True)
    wrong = [f"{false} alarms on windows without drift"] if false else []
    if "topics" not in features:
        wrong.append(f"no alarm when the topics moved:\n{said[-2000:]}")
    if 'genai_drift_alarm{feature="topics"} 1.0' not in metrics(served):
        wrong.append("the metrics do not show that the topics moved")
    if not any(alert.get("subject") == "topics" for alert in heard.alerts):
        wrong.append(f"nobody was told that the topics moved: {heard.alerts}")
    return wrong


def observed(served: Served, since: float = 0.0) -> list[Observed]:
    async def read() -> list[Observed]:
        async with service_state(served.settings) as state:
            return await state.traffic.async_read(since=since)

    return asyncio.run(read())


def false_alarms(traffic: list[Observed]) -> int:
    """The number of alarms on windows sampled from the traffic, compared with the rest of it."""
    alarms = 0
    for seed in range(WINDOWS):
        shuffled = random.Random(seed).sample(traffic, len(traffic))  # noqa: S311 - only a sample
        settings = DriftSettings(seed=seed)
        alarms += detect(settings, shuffled[WINDOW:], shuffled[:WINDOW]).alarm
    return alarms


def moved(served: Served) -> float:
    """Changes the topic of the clients for one window; returns its begin."""
    began = time.time() + 2  # answers to earlier questions may arrive until then
    served.clients.moved.set()
    until = time.monotonic() + WITHIN_S
    while len(observed(served, began)) < WINDOW and time.monotonic() < until:
        time.sleep(2)
    return began


def submitted(served: Served, began: float) -> str:
    """The output of the job, submitted to the cluster of the service."""
    folder = served.config.parent
    path = folder / "drift.yaml"
    path.write_text(yaml.safe_dump({"window_s": time.time() - began, "reference_s": 3600}))
    command = [sys.executable, "-m", "ray.scripts.scripts", "job", "submit", "--working-dir", "."]
    command += ["--", "python", "-m", "jobs.drift", "--config", str(path)]
    command += ["--service", str(served.config)]
    done = subprocess.run(  # noqa: S603 - every word is ours
        command,
        cwd=ROOT,
        env={**os.environ, **access(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}"


def access(var: Path) -> dict[str, str]:
    """The environment variables of `ray job submit` for the service with this ``var``."""
    return {
        "RAY_ADDRESS": (var / "ray-address").read_text().strip(),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(var / "ray-token"),
    }


def metrics(served: Served) -> str:
    with urllib.request.urlopen(f"{served.url}/metrics", timeout=30) as answer:  # noqa: S310
        return str(answer.read().decode())
