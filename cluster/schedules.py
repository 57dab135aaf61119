"""The scheduled jobs of KubeRay: drift detection each night, the learning loop each week.

Each job gets a temporary cluster on the volume of the service, and reads the traffic from the
service's Redis. The operator needs its feature gate `RayCronJob`.
"""

from dataclasses import dataclass
from pathlib import Path

from cluster.pods import LABELS, SECRET, Manifest, Size, head
from cluster.rayservice import IMAGE, RAY_VERSION, ROOT

PYTHON = "/opt/venv-jobs/bin/python"
GRACE_S = 60
KEPT_S = 86_400


@dataclass(frozen=True)
class Schedule:
    """``when`` is a cron expression in UTC; ``most_s`` stops a job that hangs."""

    name: str
    when: str
    command: str
    size: Size
    most_s: int


SCHEDULES = (
    Schedule("drift", "23 3 * * *", "jobs.drift --config jobs/drift.yaml", Size(2, "6Gi"), 3600),
    Schedule("loop", "41 3 * * 0", "jobs.loop --config jobs/loop.yaml", Size(8, "32Gi"), 86_400),
)

MANIFEST = ROOT / "cluster/kuberay/schedules/schedules.yaml"
CRONTAB = ROOT / "cluster/local/crontab"


def cron_job(schedule: Schedule) -> Manifest:
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayCronJob",
        "metadata": {"name": schedule.name, "labels": dict(LABELS)},
        "spec": {
            "schedule": schedule.when,
            "timeZone": "Etc/UTC",
            "jobTemplate": {
                "entrypoint": f"{PYTHON} -m {schedule.command}",
                "submissionMode": "HTTPMode",
                "shutdownAfterJobFinishes": True,
                "ttlSecondsAfterFinished": KEPT_S,
                "activeDeadlineSeconds": schedule.most_s,
                "backoffLimit": 1,
                "rayClusterSpec": _cluster(schedule),
            },
        },
    }


def _cluster(schedule: Schedule) -> Manifest:
    pod = head(f"{IMAGE}-cpu", schedule.size, port=8000, longest_s=GRACE_S, token=False)
    return {
        "rayVersion": RAY_VERSION,
        "authOptions": {"mode": "token", "secretName": f"{SECRET}-ray-token"},
        "headGroupSpec": {
            "rayStartParams": {
                "num-cpus": str(schedule.size.cpus),
                "dashboard-host": "0.0.0.0",  # noqa: S104 - the network policy says who reaches it
            },
            "template": pod,
        },
    }


def crontab(project: Path = Path("/opt/genai-factory")) -> str:
    """The same jobs for a machine without Kubernetes. A job that still runs is not started again."""
    head_lines = [
        "# Made by `python -m cluster.render`. Install with: crontab cluster/local/crontab",
        f"PROJECT={project}",
        "CRON_TZ=UTC",
    ]
    lines = [
        f"{one.when} cd $PROJECT && flock -n var/{one.name}.lock timeout {one.most_s} "
        f".venv-jobs/bin/python -m {one.command} >> var/{one.name}.log 2>&1"
        for one in SCHEDULES
    ]
    return "\n".join([*head_lines, *lines, ""])
