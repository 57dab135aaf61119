"""Writes the KubeRay manifests from the Serve configurations.

    python -m cluster.render [--check]

`serve_config.yaml` defines the cluster without GPUs, `cluster/gpu/serve_config.yaml` the one with GPUs,
and `cluster/schedules.py` the scheduled jobs. ``--check`` writes nothing, and fails if a manifest
differs from what its configuration gives.
"""

import argparse
import sys
from pathlib import Path

import yaml

from cluster.rayservice import ROOT, TARGETS, Target, as_yaml, rayservice
from cluster.schedules import CRONTAB, MANIFEST, SCHEDULES, cron_job, crontab


def render(target: Target) -> str:
    """The contents of the manifest of a target."""
    config = yaml.safe_load(target.config.read_text())
    source = target.config.relative_to(ROOT)
    note = f"# Made by `python -m cluster.render` from {source}: edit that, not this.\n"
    return note + as_yaml(rayservice(target.adapt(config)))


def stale(target: Target) -> bool:
    path = target.manifest
    return not path.exists() or path.read_text() != render(target)


def schedules() -> dict[Path, str]:
    """The files of the scheduled jobs."""
    note = "# Made by `python -m cluster.render` from cluster/schedules.py: edit that, not this.\n"
    made = "---\n".join(as_yaml(cron_job(one)) for one in SCHEDULES)
    return {MANIFEST: note + made, CRONTAB: crontab()}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args(argv).check
    outdated_schedules = False
    outdated = [target for target in TARGETS if stale(target)]
    for target in outdated:
        name = target.manifest.relative_to(ROOT)
        if not check:
            target.manifest.parent.mkdir(parents=True, exist_ok=True)
            target.manifest.write_text(render(target))
        sys.stdout.write(f"{name}: {'stale' if check else 'written'}\n")
    for path, text in schedules().items():
        if path.exists() and path.read_text() == text:
            continue
        outdated_schedules = True
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {'stale' if check else 'written'}\n")
    return 1 if check and (outdated or outdated_schedules) else 0


if __name__ == "__main__":
    sys.exit(main())
