"""What `jobs.fine_tune` makes of LoRA, in the engine that serves it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("vllm")

from genai.messages import Message, Sampling
from genai.settings.models import AdapterLimits, VLLMSettings
from genai.tracking.local import LocalRegistry
from genai.training.samples import ChatSample, write_samples
from jobs.fine_tune import fine_tune
from tests.support.language_models import chat_request
from tests.support.recorded import without_tracking
from tests.support.training import CARDS, tiny_model, tuning

pytestmark = [
    pytest.mark.jobs,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("default"),  # warnings of the engine's imports
]

QUESTIONS = tuple(f"what does a {card} card cost?" for card in CARDS)


def adapter(folder: Path, model: Path, answer: str, registry: LocalRegistry) -> str:
    """An adapter that always gives this answer."""
    said = (
        ChatSample(
            id=question,
            source=question,
            messages=(
                Message(role="user", content=question),
                Message(role="assistant", content=answer),
            ),
        )
        for question in QUESTIONS
    )
    write_samples(folder / answer / "train.jsonl", said)
    made = fine_tune(
        tuning(
            model,
            folder / answer,
            lora={"rank": 8, "alpha": 32},
            export="adapter",
            learning_rate=5e-3,
            max_steps=60,
            output=str(folder / "training"),
        ),
        local=True,
        registry=registry,
    )
    assert made is not None
    return made.folder


async def text(llm: Any, question: str) -> str:
    request = chat_request(question, sampling=Sampling(max_tokens=12))
    return str((await llm.async_chat(request)).text)


async def test_trained_adapters_answer_side_by_side_each_as_it_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genai.llms.vllm.llm import VLLM

    without_tracking(monkeypatch)
    registry = LocalRegistry(tmp_path / "registry")
    model = tiny_model(tmp_path / "model")
    answers = ("it costs 3 euros.", "i like cards.")
    folders = [adapter(tmp_path, model, answer, registry) for answer in answers]
    base = VLLM(
        "cards",
        VLLMSettings(
            backend="vllm",
            model=str(model),
            dtype="float32",
            max_model_len=128,
            cpu_kv_cache_gib=0.1,
            adapters=AdapterLimits(max_rank=8),
        ),
    )
    voices = [base, *(base.with_adapter(f"a{n}", folder) for n, folder in enumerate(folders))]
    try:
        alone = [await text(base, question) for question in QUESTIONS]

        said = await asyncio.gather(*(text(voice, q) for q in QUESTIONS for voice in voices))

        assert said[0::3] == alone
        assert set(said[1::3]) == {answers[0]}
        assert set(said[2::3]) == {answers[1]}
        assert not set(alone) & set(answers)
    finally:
        await base.async_close()
