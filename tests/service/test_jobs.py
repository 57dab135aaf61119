"""Jobs, submitted to the cluster of the running service as its operators do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support.running_service import ROOT, Service
from tests.support.training import tiny_data, tiny_model, tuning

JOBS = Path(f"{sys.prefix}-jobs") / "bin/python"


def submit(service: Service, *words: str) -> tuple[int, str]:
    """Submit a job as in the README, with the addresses of this service."""
    ray = Path(sys.executable).with_name("ray")
    done = subprocess.run(
        [str(ray), "job", "submit", "--working-dir", ".", "--", "python", "-m", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "RAY_ADDRESS": (service.var / "ray-address").read_text().strip(),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(service.var / "ray-token"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    return done.returncode, done.stdout


@pytest.mark.skipif(not JOBS.exists(), reason="needs make install-jobs")
def test_a_model_is_trained_by_workers_beside_the_service_and_registered(
    service: Service, tmp_path: Path
) -> None:
    settings = tuning(
        tiny_model(tmp_path / "model"),
        tiny_data(tmp_path / "data"),
        max_steps=4,
        output=str(tmp_path / "training"),
        parallel={"cpus_per_worker": 0.25},
    )
    config = tmp_path / "fine_tune.yaml"
    config.write_text(yaml.safe_dump(settings.model_dump(mode="json")))

    code, said = submit(service, "jobs.fine_tune", "--config", str(config))

    assert code == 0, said[-3000:]
    found = re.search(r"models:/tiny/\d+: (\S+)", said)
    assert found is not None, said[-3000:]
    assert (Path(found[1]) / "config.json").is_file()


def test_a_job_that_fails_says_why_and_fails_the_submission(
    service: Service, tmp_path: Path
) -> None:
    config = tmp_path / "drift.yaml"
    config.write_text("window_seconds: 3\n")

    code, said = submit(service, "jobs.drift", "--config", str(config))

    assert code != 0
    assert "window_seconds" in said
    assert "Traceback" not in said


def test_jobs_are_for_those_who_have_the_token(service: Service) -> None:
    address = (service.var / "ray-address").read_text().strip()

    assert httpx.get(f"{address}/api/jobs/").status_code in (401, 403)
