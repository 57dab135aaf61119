"""Which number format a model is computed in."""

import pytest

from genai.llms.precision import on_cpu


def test_a_cpu_with_short_numbers_takes_the_models_own_format() -> None:
    assert on_cpu("auto", lambda: True) == "auto"


def test_a_cpu_without_them_computes_in_float32() -> None:
    assert on_cpu("auto", lambda: False) == "float32"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_a_format_that_is_asked_for_is_kept(dtype: str) -> None:
    assert on_cpu(dtype, lambda: False) == dtype


def test_this_machine_can_be_asked() -> None:
    assert on_cpu("auto") in ("auto", "float32")
