"""A model that says just the same and takes longer: what a gate for latency is tested with."""

import copy
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def grow(source: Path, folder: Path, *, times: int) -> None:
    """Write the Llama in ``source`` with its layers repeated, the repetitions adding nothing."""
    model = AutoModelForCausalLM.from_pretrained(source, local_files_only=True)
    layers = list(model.model.layers)
    for index in range(len(layers), len(layers) * times):
        layer = copy.deepcopy(layers[-1])
        layer.self_attn.layer_idx = index
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
        torch.nn.init.zeros_(layer.mlp.down_proj.weight)
        model.model.layers.append(layer)
    model.config.num_hidden_layers = len(model.model.layers)
    model.config.layer_types = None
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source, local_files_only=True).save_pretrained(folder)
