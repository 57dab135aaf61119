from pathlib import Path

import pytest

pytest.importorskip("transformers")

from genai.llms.random_llama import LlamaRecipe, make_random_llama, train_tokenizer

pytestmark = pytest.mark.filterwarnings("default")  # torch and transformers warn of themselves

TEXTS = (Path(__file__).read_text(),)
SMALL = LlamaRecipe(vocab_size=512, hidden_size=64, layers=1, context=128)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_recipe_makes_the_same_model(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_random_llama(tmp_path / name, TEXTS, SMALL)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert "model.safetensors" in contents(tmp_path / "one")


def test_a_model_that_is_there_is_made_again_only_by_another_recipe(tmp_path: Path) -> None:
    other = SMALL.model_copy(update={"seed": 1})

    written = [make_random_llama(tmp_path / "m", TEXTS, recipe) for recipe in (SMALL, SMALL, other)]

    assert written == [True, False, True]
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_every_text_survives_the_tokenizer() -> None:
    tokenizer = train_tokenizer(TEXTS, SMALL)
    text = "Gebühr: 5 € \n\t漢字 🙂 \x00"

    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_template_opens_a_turn_of_the_model_or_continues_one() -> None:
    tokenizer = train_tokenizer(TEXTS, SMALL)
    asked = [{"role": "user", "content": "hi"}]
    begun = [*asked, {"role": "assistant", "content": "Well,"}]

    new = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    longer = tokenizer.apply_chat_template(begun, tokenize=False, continue_final_message=True)

    assert new == "<|begin|><|user|>\nhi<|end|>\n<|assistant|>\n"
    assert longer == new + "Well,"
