"""A trained model in half precision: half the bytes, and for small weights the same answers."""

from pathlib import Path

import torch

from genai.training.sources import load_model, load_tokenizer


def save_halved(source: Path, folder: Path) -> None:
    """Model and tokenizer; other files in the folder stay."""
    model, _ = load_model(str(source), torch.float32)
    model.half().save_pretrained(folder)
    load_tokenizer(str(source)).save_pretrained(folder)
