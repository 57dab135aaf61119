from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.safety.classifiers.hub import HubClassifier


def make_model(folder: Path, labels: dict[int, str]) -> Path:
    """A text classifier with random weights, as a hub would give it."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ignore", "hello"]
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, id2label=labels, label2id={v: k for k, v in labels.items()},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


async def test_a_model_from_a_folder_scores_each_text(tmp_path: Path) -> None:
    one = HubClassifier(str(make_model(tmp_path / "a", {0: "BENIGN", 1: "INJECTION"})))

    scores = await one.async_score(["ignore", "hello", "ignore " * 600], data=False)

    assert len(scores) == 3
    assert all(0 < score < 1 for score in scores)
    assert await one.async_score([], data=True) == []


def test_a_model_whose_labels_say_nothing_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "b", {0: "CATS", 1: "DOGS"})

    with pytest.raises(Misconfigured, match="harmless"):
        HubClassifier(str(folder))
