"""Keys by the command and over HTTP, budgets, audit and erasure, on the really running service."""

import subprocess
import sys
import time
from typing import Any

import httpx
import openai
import pytest

from tests.support.running_service import ROOT, Service, redis_socket

HELLO: list[Any] = [{"role": "user", "content": "What does a replacement card cost?"}]
REVOKED_WITHIN_S = 5.0


def genai(service: Service, *words: str) -> str:
    """What the command says."""
    command = [sys.executable, "-m", "genai.command.main", "--socket"]
    done = subprocess.run(
        [*command, str(redis_socket(service.var)), *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def ask(service: Service, key: str, **fields: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    body = {"input": "What does a replacement card cost?", **fields}
    url = f"{service.url}/v1/assistant/generate"
    return httpx.post(url, json=body, headers=headers, timeout=60)


def test_a_key_of_the_command_works_until_it_is_revoked(service: Service) -> None:
    create = ("keys", "create", "--tenant", "demo", "--user", "ada")
    key = genai(service, *create, "--name", "laptop")
    assert ask(service, key).status_code == 200
    assert "laptop" in genai(service, "keys", "list", "--tenant", "demo")

    genai(service, "keys", "revoke", "--tenant", "demo", key.split("_")[1])

    until = time.monotonic() + REVOKED_WITHIN_S
    while ask(service, key).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_an_exhausted_budget_is_an_error_of_the_sdk(service: Service) -> None:
    create = ("keys", "create", "--tenant", "demo", "--user", "poor")
    key = genai(service, *create, "--usd-per-day", "0")

    with (
        openai.OpenAI(base_url=f"{service.url}/v1", api_key=key) as poor,
        pytest.raises(openai.APIStatusError) as refused,
    ):
        poor.chat.completions.create(model="priced", messages=HELLO)

    assert refused.value.status_code == 402
    assert refused.value.code == "budget_exceeded"


def test_free_models_still_answer_with_an_exhausted_budget(
    service: Service,
) -> None:
    create = ("keys", "create", "--tenant", "demo", "--user", "thrifty")
    key = genai(service, *create, "--usd-per-day", "0")

    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=key) as thrifty:
        answer = thrifty.chat.completions.create(model="bank", messages=HELLO)

    assert answer.choices[0].message.content


def test_a_person_is_erased_and_the_log_knows_it(service: Service) -> None:
    admin = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.url, headers=admin, timeout=60) as http:
        made = http.post("/v1/keys", json={"user": "eve"}).json()
        answer = ask(service, made["key"], session_id="ses-of-eve")
        assert answer.status_code == 200

        receipt = http.delete("/v1/subjects/eve").json()
        again = http.delete("/v1/subjects/eve").json()
        entries = http.get("/v1/audit", params={"limit": 1000}).json()

    assert receipt["removed"]["sessions"] == 1
    assert receipt["removed"]["keys"] == 1
    assert sum(again["removed"].values()) == 0
    assert {"key.create", "subject.erase"} <= {e["action"] for e in entries["data"]}
    assert "whole" in genai(service, "audit", "verify", "--tenant", "demo")
