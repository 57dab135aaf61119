"""Makes an equivalent but slower model, to test that the promotion gate notices latency."""

import copy
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def slow_down(source: Path, folder: Path, *, times: int) -> None:
    """Write the Llama in ``source`` with ``times`` as many layers; the added ones are identities."""
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
