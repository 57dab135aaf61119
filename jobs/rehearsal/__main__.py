"""Rehearse the learning loop at a small scale: a better model must be promoted, and worse ones rejected.

    python -m jobs.rehearsal [--serve adapters|models] [--folder var/rehearsal]

Starts a service with clients who ask continuously, and runs the loop with five models: one that is right
but never ends (visible only in live traffic), one that knows nothing, one that leaks an address, one that is
slow, and one that is better. Exits with 1 unless each has the expected outcome and reason, and no client
request failed.

With --serve it is the real service (Ray Serve, vLLM, Redis), asked over HTTP: `adapters` exchanges LoRA
adapters on one engine, `models` whole models with an engine each. At the end, the clients change the subject,
and the submitted job `drift` must notice that, and nothing before. Without --serve, it is a service in this
process, with transformers.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from genai.base.tracker import ModelVersion
from genai.promotion.promoter import Ended
from genai.tracking.local import LocalRegistry
from genai.tracking.runs import default_registry
from jobs import config
from jobs.rehearsal import in_process, running
from jobs.rehearsal.clients import Clients
from jobs.rehearsal.drifting import Webhook, drift, webhook
from jobs.rehearsal.planted import Stage, candidates, mistakes, prepared
from jobs.rehearsal.running import Served


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("var/rehearsal"))
    parser.add_argument(
        "--serve", choices=("adapters", "models"), help="the real service, and what it exchanges"
    )
    args = parser.parse_args(argv)
    return config.run(lambda: rehearse(args.folder.resolve(), args.serve or ""))


def rehearse(folder: Path, serve: str) -> int:
    began = time.monotonic()
    registry = default_registry() or LocalRegistry(folder.with_name("rehearsal-registry"))
    stage = Stage(
        folder=folder,
        name=f"rehearsal-{uuid4().hex[:8]}",
        tenant=running.TENANT if serve else "rehearsal",
        registry=registry,
        adapters=serve == "adapters",
    )
    champion = prepared(stage)
    ends: dict[str, Ended] = {}
    wrong: list[str] = []
    with webhook() as heard, serving(stage, champion, heard if serve else None) as served:
        for what, make in candidates(stage, champion).items():
            ends[what] = make(served.settings)
            took = time.monotonic() - began
            print(f"[{took:.0f} s] {what}: {ends[what].outcome}, {ends[what].reason}", flush=True)
        if serve:
            wrong = drift(served, heard)
    return verdict([*mistakes(ends), *wrong], served.clients, time.monotonic() - began)


@contextmanager
def serving(stage: Stage, champion: ModelVersion, heard: Webhook | None) -> Iterator[Served]:
    """The running service: the real one if there is a webhook for its alerts."""
    if heard is None:
        with in_process.serving(stage, champion) as (settings, clients):
            yield Served(settings, clients)
        return
    with running.serving(stage, champion, heard.url) as served:
        yield served


def verdict(wrong: list[str], clients: Clients, seconds: float) -> int:
    wrong = [*wrong, *([f"{len(clients.failed)} requests failed"] if clients.failed else [])]
    said = f"{clients.asked} requests, {clients.refused} refused by a safety check"
    print(f"{said}, {len(clients.failed)} failed, {seconds:.0f} s")
    for line in [*wrong, *clients.failed[:5]]:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
