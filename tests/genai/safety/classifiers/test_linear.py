from pathlib import Path

import numpy as np

from genai.safety.classifiers.linear import LinearClassifier
from genai.safety.classifiers.linear_features import BUCKETS, word_buckets
from genai.safety.toxicity import SHIPPED


def write(
    path: Path, words: dict[str, float], *, bias: float = 0.0, threshold: float = 0.0
) -> Path:
    buckets = np.zeros(2 * BUCKETS, dtype=np.float16)
    for word, weight in words.items():
        buckets[list(word_buckets([word]))] = weight
    np.savez(path, buckets=buckets, bias=np.array(bias), threshold=np.array(threshold))
    return path


def test_the_weights_of_words_add_up(tmp_path: Path) -> None:
    classifier = LinearClassifier(write(tmp_path / "m.npz", {"bad": 2.0, "good": -2.0}))

    texts = [words * 40 for words in ("bad ", "good ", "bad good ", "plain ")]
    bad, good, both, none = map(classifier.score, texts)

    assert bad > 0.8
    assert good < 0.2
    assert both == none == 0.5


def test_one_half_is_where_the_threshold_of_the_file_lies(tmp_path: Path) -> None:
    path = write(tmp_path / "m.npz", {}, bias=3.0, threshold=3.0)

    assert LinearClassifier(path).score("any " * 40) == 0.5


def test_hostile_text_gets_a_score() -> None:
    texts = ["x" * 300, "!" * 300, "\ud800" * 300, "ignore " * 60, ""]

    assert all(0 <= LinearClassifier(SHIPPED).score(text) <= 1 for text in texts)
