"""A model and data that are so small that a test can train on them in a second."""

from pathlib import Path

from genai.llms.random_llama import LlamaRecipe, make_random_llama
from genai.messages import Message
from genai.training.samples import ChatSample, PreferenceSample, write_samples
from genai.training.settings import FineTuneSettings

CARDS = ("gold", "silver", "black", "white", "blue", "green", "red", "plain")


def tiny_model(folder: Path, seed: int = 0) -> Path:
    texts = [f"what does a {card} card cost? it costs {n} euros." for n, card in enumerate(CARDS)]
    make_random_llama(
        folder, texts, LlamaRecipe(seed=seed, vocab_size=300, hidden_size=64, layers=2, context=256)
    )
    return folder


def chat(number: int) -> ChatSample:
    card = CARDS[number % len(CARDS)]
    return ChatSample(
        id=str(number),
        source=str(number),
        messages=(
            Message(role="user", content=f"what does a {card} card cost? ({number // 8})"),
            Message(role="assistant", content=f"it costs {number % len(CARDS)} euros."),
        ),
    )


def pair(number: int) -> PreferenceSample:
    return PreferenceSample(
        id=str(number),
        source=str(number),
        messages=(Message(role="user", content=f"what does a {CARDS[number % 8]} card cost?"),),
        chosen=f"it costs {number % 8} euros.",
        rejected="i like cards.",
    )


def tiny_data(folder: Path, count: int = 64) -> Path:
    write_samples(folder / "train.jsonl", map(chat, range(count)))
    write_samples(folder / "validation.jsonl", map(chat, range(count, count + 8)))
    return folder


def pairs_data(folder: Path) -> Path:
    write_samples(folder / "train.jsonl", map(pair, range(16)))
    write_samples(folder / "validation.jsonl", map(pair, range(16, 20)))
    return folder


def tuning(model: Path, data: Path, **fields: object) -> FineTuneSettings:
    known = {
        "name": "tiny",
        "model": str(model),
        "data": str(data),
        "max_steps": 20,
        "epochs": 100,
        "batch_size": 16,
        "micro_batch_size": 8,
        "max_tokens": 128,
        "learning_rate": 3e-3,
        "report_every": 1,
        "evaluate_every": 10,
        "checkpoint_every": 5,
    }
    return FineTuneSettings.model_validate(known | fields)
