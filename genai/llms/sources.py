"""Loads base models from a folder, the registry, or a hub."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from genai.base.tracker import Registry
from genai.errors import Misconfigured

REGISTERED = "models:/"
ADAPTER = "adapter_config.json"


def resolve(source: str, registry: Registry | None) -> str:
    """The folder or hub name that transformers can load."""
    if not source.startswith(REGISTERED):
        return source
    if registry is None:
        raise Misconfigured("a registered model needs the environment of the jobs")
    name, _, version = source.removeprefix(REGISTERED).replace("@", "/").partition("/")
    found = registry.find(name, version)
    if found is None:
        raise Misconfigured(f"the registry has no {source}")
    return found.folder


def load_tokenizer(source: str) -> Any:
    base = base_of(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=Path(base).is_dir())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"there is no tokenizer in {source}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(source: str, dtype: torch.dtype, *, whole: bool = True) -> tuple[Any, torch.dtype]:
    """The model, and the precision of its stored weights. An adapter is merged into its base; without
    ``whole``, only the base is loaded."""
    disable_progress_bar()
    base = base_of(source)
    try:
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=dtype, local_files_only=Path(base).is_dir()
        )
    except (OSError, ValueError) as error:
        raise Misconfigured(f"the model {source} cannot be loaded") from error
    stored = _stored_dtype(Path(base)) or dtype
    if whole and base != source:
        model = load_adapter(model, Path(source))
    return model, stored


def load_adapter(model: Any, folder: Path) -> Any:
    """A model with a saved adapter merged into it."""
    try:
        from peft import PeftModel
    except ImportError as error:
        raise Misconfigured("LoRA needs the environment of the jobs: make install-jobs") from error
    merged_model = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
    return merged_model.requires_grad_(True)


def base_of(source: str) -> str:
    """The base model of an adapter; any other source is its own base."""
    config = Path(source) / ADAPTER
    if config.is_file():
        return str(json.loads(config.read_text())["base_model_name_or_path"])
    return source


def _stored_dtype(folder: Path) -> torch.dtype | None:
    config = folder / "config.json"
    if not config.is_file():
        return None
    config_values = json.loads(config.read_text())
    name = config_values.get("dtype") or config_values.get("torch_dtype")
    return getattr(torch, str(name), None) if name else None
