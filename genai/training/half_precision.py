"""Saves a trained model in half precision."""

from pathlib import Path

import torch

from genai.llms.sources import load_model, load_tokenizer


def save_half_precision(source: Path, folder: Path) -> None:
    """Write model and tokenizer; other files in ``folder`` are kept."""
    model, _ = load_model(str(source), torch.float32)
    model.half().save_pretrained(folder)
    load_tokenizer(str(source)).save_pretrained(folder)
