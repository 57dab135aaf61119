"""LoRA adapters with random matrices, as PEFT writes them."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

LAYERS = {"model.layers.0.self_attn.q_proj": (8, 8), "model.layers.0.mlp.up_proj": (8, 24)}


def write_adapter(
    folder: Path,
    layers: Mapping[str, tuple[int, int]] = LAYERS,
    *,
    seed: int = 0,
    rank: int = 4,
    strength: float = 0.3,
    **config: object,
) -> Path:
    torch.manual_seed(seed)
    matrices = {}
    for name, (read, written) in layers.items():
        matrices[f"base_model.model.{name}.lora_A.weight"] = torch.randn(rank, read)
        matrices[f"base_model.model.{name}.lora_B.weight"] = torch.randn(written, rank) * strength
    folder.mkdir(parents=True, exist_ok=True)
    save_file(matrices, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "r": rank, "lora_alpha": rank, "bias": "none"}
    targets = sorted({name.rpartition(".")[2] for name in layers})
    (folder / "adapter_config.json").write_text(
        json.dumps({**said, "target_modules": targets, **config})
    )
    return folder
