"""A model to begin with, made of the words of a tiny model instead of MiniLM's."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from genai.messages import Message
from genai.training.encoding import Encoder
from genai.training.piece_llama import LlamaDimensions, make_piece_llama
from genai.training.samples import ChatSample
from genai.training.word_vectors import FIRST_WORD, WordPieceVectors, read_word_vectors

WORDS = ("how", "many", "clients", "customers", "city", "lisbon", "zebra", "##ber", "##s", "##ku")
PIECES = ("SELECT COUNT(*) AS customers FROM customers c", " WHERE", " c.city = ", "'Lisbon'")
ASKED = "How many clients in LISBON?"
SAID = f"{PIECES[0]} WHERE c.city = 'Lisbon' LIMIT 2025"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> WordPieceVectors:
    """The folder of a model with few words, of which two mean nearly the same."""
    folder = tmp_path_factory.mktemp("words")
    names = (*(f"[unused{number}]" for number in range(FIRST_WORD)), *WORDS)
    torch.manual_seed(0)
    table = torch.randn(len(names), 24)
    near, other = names.index("clients"), names.index("customers")
    table[near] = table[other] + 0.1 * table[near]
    (folder / "vocab.txt").write_text("\n".join(names) + "\n")
    save_file({"embeddings.word_embeddings.weight": table}, folder / "model.safetensors")
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[unused0]"))
    tokenizer.normalizer = normalizers.Lowercase()  # type: ignore[assignment]
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))
    return read_word_vectors(folder, words=6, parts=2)


@pytest.fixture(scope="module")
def folder(vectors: WordPieceVectors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    make_piece_llama(
        folder, vectors, PIECES, LlamaDimensions(hidden=16, inner=32, layers=1, heads=1)
    )
    return folder


def test_the_most_frequent_words_are_kept(vectors: WordPieceVectors) -> None:
    assert vectors.words == WORDS[:6]
    assert vectors.parts == ("ber", "ku")


def test_encoding_is_lossless_for_any_text(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)

    for text in (SAID, ASKED, "Zoë's 12,50 € naïve\n\t{} 世界", "x" * 150):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_a_piece_is_one_token_and_digits_are_single(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)

    tokens = [tokenizer.decode([token]) for token in tokenizer(SAID)["input_ids"]]

    assert tokens[:4] == list(PIECES)
    assert tokens[-4:] == ["2", "0", "2", "5"]


def test_synonyms_have_similar_initial_embeddings(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    table = AutoModelForCausalLM.from_pretrained(folder).get_input_embeddings().weight.detach()

    def alike(some: str, other: str) -> float:
        one, two = (table[tokenizer(text)["input_ids"][0]] for text in (some, other))
        return float(torch.cosine_similarity(one, two, dim=0))

    assert alike(" clients", " customers") > 0.8
    assert alike(" lisbon", "'Lisbon'") > 0.8
    assert alike(" lisbon", " many") < 0.5


@pytest.mark.parametrize(
    ("told", "turn"),
    [("What a tool found begins with Observation:", "<|assistant|>"), ("Be brief.", "<|chat|>")],
)
def test_the_prompt_is_the_last_question_and_the_answer_is_the_target(
    folder: Path, told: str, turn: str
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    sample = ChatSample(
        id="1",
        source="1",
        messages=(
            Message(role="system", content=told),
            Message(role="user", content=ASKED),
            Message(role="assistant", content=SAID),
        ),
    )

    (encoded,) = Encoder(tokenizer, 200).supervised([sample])

    pairs = list(zip(encoded.tokens, encoded.target_mask, strict=True))
    given = tokenizer.decode([token for token, target in pairs if not target])
    said = tokenizer.decode([token for token, target in pairs if target])
    assert given == f"<|user|> how many clients in lisbon?{turn}"
    assert said == f"{SAID}<|end|>"


def test_the_same_seed_makes_the_same_model(
    folder: Path, vectors: WordPieceVectors, tmp_path: Path
) -> None:
    make_piece_llama(
        tmp_path, vectors, PIECES, LlamaDimensions(hidden=16, inner=32, layers=1, heads=1)
    )

    assert (tmp_path / "model.safetensors").read_bytes() == (
        folder / "model.safetensors"
    ).read_bytes()
