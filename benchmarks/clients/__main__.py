"""How client libraries report our errors and headers.

    python -m benchmarks.clients

Provokes every error through the client library of LiteLLM, which is installed in its own environment,
and exits with 1 if one arrives as another error than expected. OpenAI's SDK is covered by the tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.processes import answers, module, started
from benchmarks.systems import VAR, litellm_binary
from deployments.free_port import free_port
from tests.support.services import KEY

SCRIPT = Path(__file__).parent / "litellm_asks.py"
WRONG_KEY = "a wrong key"

EXPECTED: dict[str, tuple[str, int]] = {
    WRONG_KEY: ("AuthenticationError", 401),
    "invalid": ("BadRequestError", 400),
    "budget": ("APIError", 402),
    "forbidden": ("APIError", 403),
    "missing": ("NotFoundError", 404),
    "own deadline": ("Timeout", 408),
    "conflict": ("APIError", 409),
    "refused": ("BadRequestError", 422),
    "limited": ("RateLimitError", 429),
    "broken": ("BadGatewayError", 502),
    "overloaded": ("ServiceUnavailableError", 503),
    "stopping": ("ServiceUnavailableError", 503),
    "deadline": ("Timeout", 504),
}
WITHIN_STREAMS = ("then broken", "then stopping")
RETRY_AFTER = {"budget": "60", "limited": "7", "overloaded": "1", "stopping": "1", "deadline": "1"}


def main() -> int:
    port = free_port()
    ready = answers(f"http://127.0.0.1:{port}/healthz")
    command = module("benchmarks.clients.service", str(port))
    with started(command, VAR / "clients.log", is_ready=ready, within_s=60):
        asked = [name for name in EXPECTED if name != WRONG_KEY]
        found = ask(port, KEY, "hello", *asked, *WITHIN_STREAMS)
        found += [one | {"asked": WRONG_KEY} for one in ask(port, "sk-wrong", "hello")]
    wrong = [one for one in found if not is_as_expected(one)]
    for one in found:
        said = f"{one['raised']} {one['status']}" if one["raised"] else one["said"]
        mark = "  NOT AS EXPECTED" if one in wrong else ""
        how = "streamed" if one["stream"] else "whole"
        print(f"{one['asked']:15} {how:9} {said}{mark}")
    return 1 if wrong else 0


def ask(port: int, key: str, *names: str) -> list[dict[str, Any]]:
    python = litellm_binary().parent / "python"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(python), str(SCRIPT), f"http://127.0.0.1:{port}/v1", key, *names],
        env=environment | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_as_expected(one: dict[str, Any]) -> bool:
    name = one["asked"]
    if name == "hello" or (name in WITHIN_STREAMS and not one["stream"]):
        return bool(one["raised"] is None and one["said"] == "Hello.")
    if name in WITHIN_STREAMS:
        return one["raised"] == "MidStreamFallbackError"
    headers = one["retry_after"] == RETRY_AFTER.get(name) and (
        name != "limited" or one["limits"] == 6
    )
    return headers and (one["raised"], one["status"]) == EXPECTED[name]


if __name__ == "__main__":
    sys.exit(main())
