"""A small Llama with random weights and a real tokenizer.

Its output is meaningless. It replaces a real model where only the code around it matters: in tests,
in benchmarks, and on machines without models.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

from genai.messages import Value

BEGIN, END, PAD = "<|begin|>", "<|end|>", "<|pad|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")

CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "<|{{ message['role'] }}|>\n{{ message['content'] }}"
    "{% for call in message.get('tool_calls') or [] %}"
    "<tool_call>\n{{ call['function'] | tojson }}\n</tool_call>"
    "{% endfor %}"
    "<|end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)

RECIPE = "random_llama.json"


class LlamaRecipe(Value):
    """Determines every byte of the model, together with the texts of its tokenizer."""

    seed: int = 0
    vocab_size: int = 4096
    hidden_size: int = 256
    layers: int = 4
    context: int = 2048


def make_random_llama(folder: Path, texts: Iterable[str], recipe: LlamaRecipe) -> bool:
    """Write the model into the folder unless it is there already. Returns whether it was written."""
    wanted = recipe.model_dump_json()
    made = folder / RECIPE
    if made.is_file() and made.read_text() == wanted:
        return False
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    disable_progress_bar()
    tokenizer = train_tokenizer(texts, recipe)
    tokenizer.save_pretrained(partial)
    _make_weights(tokenizer, recipe).save_pretrained(partial)
    (partial / RECIPE).write_text(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return True


def train_tokenizer(texts: Iterable[str], recipe: LlamaRecipe) -> PreTrainedTokenizerFast:
    """A byte-level BPE: every text can be encoded, and decoded to exactly itself."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocab_size,
        special_tokens=[PAD, BEGIN, END, *ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    trained.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        model_max_length=recipe.context,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _make_weights(tokenizer: PreTrainedTokenizerFast, recipe: LlamaRecipe) -> LlamaForCausalLM:
    heads = max(1, recipe.hidden_size // 64)
    config = LlamaConfig(
        vocab_size=max(recipe.vocab_size, len(tokenizer)),
        hidden_size=recipe.hidden_size,
        intermediate_size=recipe.hidden_size * 3,
        num_hidden_layers=recipe.layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=recipe.context,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
        dtype="bfloat16",
    )
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        return LlamaForCausalLM(config).to(torch.bfloat16)
