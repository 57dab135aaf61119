from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from cluster import render as command
from cluster.rayservice import TARGETS, Target, as_yaml, rayservice


@dataclass(frozen=True)
class Elsewhere(Target):
    """A target with its manifest in a folder of the test."""

    folder: Path = Path()

    @property
    def manifest(self) -> Path:
        return self.folder / "rayservice.yaml"


def elsewhere(folder: Path) -> Target:
    gpu = TARGETS[1]
    return Elsewhere(gpu.name, gpu.config, gpu.adapt, folder)


def test_a_manifest_that_is_missing_or_edited_is_stale(tmp_path: Path) -> None:
    target = elsewhere(tmp_path)

    assert command.stale(target)
    target.manifest.write_text(command.render(target))
    assert not command.stale(target)
    target.manifest.write_text(command.render(target).replace("token", "disabled"))
    assert command.stale(target)


def test_a_manifest_names_the_file_that_made_it() -> None:
    for target in TARGETS:
        assert target.config.name in command.render(target).partition("\n")[0]


def test_checking_what_is_committed_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_the_configuration_is_a_readable_block() -> None:
    config = yaml.safe_load(TARGETS[1].config.read_text())

    text = as_yaml(rayservice(config))

    assert "serveConfigV2: |" in text
    assert yaml.safe_load(yaml.safe_load(text)["spec"]["serveConfigV2"]) == config


def test_only_a_cluster_with_gpus_scales_its_nodes() -> None:
    clusters = {
        target.name: yaml.safe_load(command.render(target))["spec"]["rayClusterConfig"]
        for target in TARGETS
    }

    assert "enableInTreeAutoscaling" not in clusters["cpu"]
    assert clusters["gpu"]["enableInTreeAutoscaling"] is True
    assert [len(one["workerGroupSpecs"]) for one in clusters.values()] == [1, 2]
