"""Plans, approvals and runs that outlive their processes, on the really running service."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from benchmarks.chaos.processes import Processes
from tests.support.running_service import Service

DEADLY = ("Orchestrator", "Agent")
WITHIN_S = 60.0


def send(service: Service, method: str, path: str, **more: Any) -> Any:
    url = f"{service.url}{path}"
    answer = httpx.request(method, url, headers=service.headers, timeout=60, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(service: Service, text: str, **fields: object) -> Any:
    return send(service, "POST", "/v1/assistant/generate", json={"input": text, **fields})


def select(service: Service, query: str, *values: object) -> Any:
    bank: Path = service.var / "bank.sqlite"
    with closing(sqlite3.connect(f"file:{bank}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchone()[0]


def finished(service: Service, run_id: str) -> Any:
    until = time.monotonic() + WITHIN_S
    while (run := send(service, "GET", f"/v1/runs/{run_id}"))["status"] in ("running", "waiting"):
        assert time.monotonic() < until, run
        time.sleep(0.3)
    return run


def kill_replicas(service: Service, deployment: str) -> int:
    """Kill all replicas at once by SIGKILL."""
    replicas = Processes(service.pid).of(deployment)
    for replica in replicas:
        replica.kill()
    psutil.wait_procs(replicas, timeout=10)
    return len(replicas)


def test_a_plan_answers_from_the_database_and_the_documents(service: Service) -> None:
    answer = ask(
        service, "How many cards are blocked, and what does it cost to replace a lost card?"
    )

    blocked = select(service, "SELECT count(*) FROM cards WHERE status = 'blocked'")
    assert answer["plan"] == "figures_and_documents"
    assert str(blocked) in answer["output"]
    assert [step["tool"] for step in answer["steps"]] == ["sql"]
    assert answer["citations"]


@pytest.mark.parametrize("killed_before", ["the decision", "the answer"])
def test_an_approved_effect_happens_once_though_all_its_processes_are_killed(
    service: Service, killed_before: str
) -> None:
    card = select(service, "SELECT min(card_id) FROM cards WHERE status = 'active'")
    effects = "SELECT count(*) FROM sqlite_master WHERE name = '_effects'"
    before = select(service, "SELECT count(*) FROM _effects") if select(service, effects) else 0
    waiting = ask(service, f"Block card {card}.", durable=True)["approval"]
    assert select(service, "SELECT status FROM cards WHERE card_id = ?", card) == "active"

    if killed_before == "the decision":
        assert all(kill_replicas(service, deployment) for deployment in DEADLY)
    send(service, "POST", f"/v1/approvals/{waiting['id']}", json={"decision": "approve"})
    if killed_before == "the answer":
        assert all(kill_replicas(service, deployment) for deployment in DEADLY)
    run = finished(service, waiting["run_id"])

    assert run["status"] == "done", run
    assert run["answer"]["output"].strip() == f"Card {card} is blocked."
    assert select(service, "SELECT status FROM cards WHERE card_id = ?", card) == "blocked"
    assert select(service, "SELECT count(*) FROM _effects") == before + 1


def test_impossible_actions_are_not_offered_for_approval(service: Service) -> None:
    answer = ask(service, "Block card 99999999.")

    assert answer["finish_reason"] == "stop"
    assert "there is no such card" in answer["output"]
