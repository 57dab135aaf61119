"""A tokenizer for a small model: English words, single digits, and whole pieces of its answers.

Encoding is lossless for any text. A piece, such as ``" WHERE"``, is always one token, so a small model needs
few steps to say much.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

UNKNOWN: Final = "<|unknown|>"
END: Final = "<|end|>"
PAD: Final = "<|pad|>"
USER: Final = "<|user|>"
ASSISTANT: Final = "<|assistant|>"
CHAT: Final = "<|chat|>"
SPECIAL: Final = (PAD, UNKNOWN, END, USER, ASSISTANT, CHAT)

SPACE: Final = "\u0120"
"""How the byte-level alphabet writes a space."""

LONGEST_WORD: Final = 200

CHAT_TEMPLATE: Final = (
    "{% set acts = 'Observation:' in messages[0]['content'] and messages[0]['role'] == 'system' %}"
    "{% set turn = '<|assistant|>' if acts else '<|chat|>' %}"
    "{% set last = namespace(at=0) %}"
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}{% set last.at = loop.index0 %}{% endif %}"
    "{% endfor %}"
    "{% for message in messages[last.at:] %}"
    "{% if message['role'] == 'assistant' %}{{ turn }}{{ message['content'] }}<|end|>"
    "{% else %}<|user|> {{ message['content'] | lower | trim }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ turn }}{% endif %}"
)
"""The last question and nothing before it, in lower case: the model knows its schema by heart.

Who is not told of observations is no agent: he is answered in another way.
"""


def piece_tokenizer(
    words: Sequence[str], parts: Sequence[str], pieces: Iterable[str], *, context: int
) -> PreTrainedTokenizerFast:
    """``words`` begin after a space, ``parts`` continue a word."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = dict.fromkeys((*SPECIAL, *alphabet, *(SPACE + word for word in words), *parts))
    trained = Tokenizer(
        models.WordPiece(
            {name: number for number, name in enumerate(names)},
            unk_token=UNKNOWN,
            max_input_chars_per_word=LONGEST_WORD,
            continuing_subword_prefix="",
        )
    )
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trained.decoder = decoders.ByteLevel()
    trained.add_special_tokens([AddedToken(name, normalized=False) for name in SPECIAL])
    trained.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained,
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        additional_special_tokens=[USER, ASSISTANT, CHAT],
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
