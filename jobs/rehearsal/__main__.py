"""Rehearse the loop at a small size: a better model must get through, and worse ones must not.

    python -m jobs.rehearsal [--serve adapters|models] [--folder var/rehearsal]

Starts a service with clients who ask without pause, and lets the loop try five models out: one that is
right but never ends (which only shows live), one that knows nothing, one that gives an address away,
one that is slow, and one that is better. Exits with 1 unless each ends as it should, with its reason,
and no request of a client failed in all that time.

With --serve it is the real service: Ray Serve, vLLM and Redis, asked over HTTP. `adapters` trains LoRA
and exchanges adapters on one engine, `models` whole models, each with an engine of its own. At the end,
clients ask about something else, and the job `drift`, submitted to the cluster, must notice, but must
not before. Without --serve, it is a service in this process, with transformers.
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
    """The real service where there is somebody who hears of its alerts."""
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
