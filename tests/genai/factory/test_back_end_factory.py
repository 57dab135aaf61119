import sys

import pytest

from genai.errors import Misconfigured
from genai.factory.llm_factory import build_llms
from tests.genai.factory.test_llm_factory import settings


def test_a_model_that_embeds_says_that_it_needs_an_embedder() -> None:
    with pytest.raises(Misconfigured, match="embedder"):
        build_llms(settings(b={"backend": "extractive"}), None)


@pytest.mark.parametrize(
    ("backend", "module", "extra"),
    [
        ("vllm", "genai.llms.vllm.llm", "vllm-gpu"),
        ("huggingface", "genai.llms.huggingface", "huggingface"),
        ("openai", "genai.llms.openai", "openai"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, backend: str, module: str, extra: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ImportError, match=rf'pip install "genai-factory\[{extra}\]"'):
        build_llms(settings(b={"backend": backend, "model": "m"}), None)
