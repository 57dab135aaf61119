"""LoRA adapters: training and merging."""

from pathlib import Path
from typing import Any

from genai.errors import Misconfigured
from genai.training.settings import LoRASettings


def with_adapter(model: Any, settings: LoRASettings) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise Misconfigured("LoRA needs the environment of the jobs: make install-jobs") from error
    targets = settings.targets
    return get_peft_model(
        model,
        LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,
            lora_dropout=settings.dropout,
            target_modules=targets if isinstance(targets, str) else list(targets),
            task_type="CAUSAL_LM",
        ),
    )


def with_saved_adapter(model: Any, folder: Path, settings: LoRASettings) -> Any:
    """Continues the training of an adapter. Raises `Misconfigured` if its rank differs from the settings."""
    try:
        from peft import PeftModel
    except ImportError as error:
        raise Misconfigured("LoRA needs the environment of the jobs: make install-jobs") from error
    adapted = PeftModel.from_pretrained(model, str(folder), is_trainable=True)
    rank = adapted.peft_config["default"].r
    if rank != settings.rank:
        raise Misconfigured(
            f"the adapter that this begins with has rank {rank}, not {settings.rank}"
        )
    return adapted


def save_adapter(model: Any, folder: Path) -> None:
    model.save_pretrained(str(folder))


def merged(model: Any) -> Any:
    """The model with the adapter merged into its weights."""
    return model.merge_and_unload()
