"""Creates a small untrained Llama with pretrained word embeddings.

Its tokens are English words and whole pieces of its answers. The embeddings are initialised from MiniLM's,
with fewer dimensions; that of a piece is the mean of its words.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from genai.errors import Misconfigured
from genai.messages import Value
from genai.training.piece_tokenizer import SPACE, piece_tokenizer
from genai.training.word_vectors import WordPieceVectors

SPREAD = 0.3
"""Root of the mean square of an embedding: enough that the first layers see which word it is."""

NOISE = 0.05
HEAD = 0.1
"""The output begins alike, but small: a model that knows nothing should not be sure."""


class LlamaDimensions(Value):
    seed: int = 0
    hidden: int = 192
    layers: int = 6
    inner: int = 480
    heads: int = 3
    context: int = 2048


def make_piece_llama(
    folder: Path, vectors: WordPieceVectors, pieces: Sequence[str], shape: LlamaDimensions
) -> int:
    """Write the model into the folder; the number of its parameters.

    Raises `Misconfigured` when it is to be wider than the vectors.
    """
    if shape.hidden > vectors.table.shape[1]:
        raise Misconfigured(f"the vectors of words have {vectors.table.shape[1]} dimensions")
    tokenizer = piece_tokenizer(vectors.words, vectors.parts, pieces, context=shape.context)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(shape.seed)
        model = LlamaForCausalLM(_config(tokenizer, shape))
        table = _embeddings(tokenizer, vectors, set(pieces), shape.hidden)
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(table)
        model.get_output_embeddings().weight.copy_(table * HEAD)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return sum(parameter.numel() for parameter in model.parameters())


def _config(tokenizer: PreTrainedTokenizerFast, shape: LlamaDimensions) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.context,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
    )


def _embeddings(
    tokenizer: PreTrainedTokenizerFast, vectors: WordPieceVectors, pieces: set[str], hidden: int
) -> Tensor:
    names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    found = [_vector(name, vectors, pieces) for name in names]
    known = torch.tensor([vector is not None for vector in found])
    table = torch.stack(
        [v if v is not None else torch.zeros(vectors.table.shape[1]) for v in found]
    )
    axes = torch.linalg.eigh(table.T @ table).eigenvectors.flip(1)
    table = table @ axes[:, :hidden]
    table = table / (table.norm(dim=1, keepdim=True) + 1e-6) * hidden**0.5 * SPREAD
    table[~known] = torch.randn(int((~known).sum()), hidden) * SPREAD
    made: Tensor = table + torch.randn(table.shape) * NOISE
    return made


def _vector(name: str, vectors: WordPieceVectors, pieces: set[str]) -> Tensor | None:
    if name in pieces:
        return vectors.of_text(name)
    if len(name) == 1:
        return None  # digits are much alike in the vectors, and must be copied one by one
    if name.startswith(SPACE):
        return vectors.of_word(name[1:])
    vector = vectors.of_part(name)
    return vectors.of_word(name) if vector is None else vector
