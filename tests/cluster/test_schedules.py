import re

import pytest
import yaml

from cluster.rayservice import ROOT
from cluster.render import schedules
from cluster.schedules import CRONTAB, MANIFEST, SCHEDULES, Schedule, cron_job
from tests.support import custom_resources
from tests.support.custom_resources import mistakes, schema_of, whole

every_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)


def test_committed_schedules_match_the_generated_ones() -> None:
    for path, text in schedules().items():
        assert path.read_text() == text, "run `python -m cluster.render`"


@every_schedule
def test_each_starts_a_job_that_exists_with_a_config_that_exists(schedule: Schedule) -> None:
    found = re.fullmatch(r"(jobs\.\w+) --config (\S+)", schedule.command)
    assert found is not None
    module = ROOT / (found[1].replace(".", "/") + ".py")

    assert "def main(" in module.read_text()
    assert (ROOT / found[2]).is_file()


@every_schedule
def test_kuberay_knows_every_field(schedule: Schedule) -> None:
    if not (custom_resources.folder() / "ray.io_raycronjobs.yaml").is_file():
        pytest.skip("NOT VALIDATED: the definition of RayCronJob is not there")

    assert mistakes(cron_job(schedule), whole(schema_of("RayCronJob"))) == []


@every_schedule
def test_a_machine_without_kubernetes_does_the_same_at_the_same_time(schedule: Schedule) -> None:
    [line] = [line for line in CRONTAB.read_text().splitlines() if schedule.command in line]

    assert line.startswith(schedule.when)
    assert "flock -n" in line


def test_the_manifests_are_what_kustomize_reads() -> None:
    kinds = [one["kind"] for one in yaml.safe_load_all(MANIFEST.read_text())]

    assert kinds == ["RayCronJob"] * len(SCHEDULES)
