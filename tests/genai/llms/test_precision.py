"""Which number format a model is computed in."""

import pytest

from genai.llms.precision import on_cpu


def test_a_cpu_with_bfloat16_uses_the_models_own_format() -> None:
    assert on_cpu("auto", lambda: True) == "auto"


def test_a_cpu_without_bfloat16_computes_in_float32() -> None:
    assert on_cpu("auto", lambda: False) == "float32"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_a_configured_format_is_kept(dtype: str) -> None:
    assert on_cpu(dtype, lambda: False) == dtype


def test_this_machine_reports_whether_it_computes_bfloat16() -> None:
    assert on_cpu("auto") in ("auto", "float32")
