from pathlib import Path

import pytest
import yaml

from deployments.config_yaml import read_yaml


def test_the_same_key_in_different_mappings_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: {k: 1}\nb: {k: 2}\nc: [{k: 3}, {k: 4}]")

    assert read_yaml(path) == {"a": {"k": 1}, "b": {"k": 2}, "c": [{"k": 3}, {"k": 4}]}


def test_a_merged_mapping_may_be_overridden(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: &a {k: 1, l: 2}\nb: {<<: *a, k: 3}")

    assert read_yaml(path)["b"] == {"k": 3, "l": 2}


@pytest.mark.parametrize("text", ["k: 1\nk: 1", "a:\n- k: {}\n  'k': {}"])
def test_a_key_twice_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)

    with pytest.raises(yaml.YAMLError, match="the key k is given twice"):
        read_yaml(path)
