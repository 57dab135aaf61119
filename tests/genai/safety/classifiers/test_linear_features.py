from zlib import crc32

import pytest

from genai.safety.classifiers.linear_features import BUCKETS, part_buckets, tokens, word_buckets


def test_words_and_runs_of_signs_are_tokens() -> None:
    assert tokens("[inst] don't say, ###") == ["[", "inst", "]", "don", "'", "t", "say", ",", "###"]


def test_words_pairs_and_triples_have_buckets() -> None:
    assert len(list(word_buckets(["a", "b", "c"]))) == 3 + 2 + 1


def test_neighbours_are_hashed_as_they_would_be_if_they_were_spelt_out() -> None:
    def spelt(text: str) -> int:
        return crc32(text.encode()) % BUCKETS

    assert word_buckets(["a", "é", "c"]) == [
        *(spelt("a"), spelt("é"), spelt("a é")),
        *(spelt("c"), spelt("é c"), spelt("a é c")),
    ]


def test_the_order_of_words_matters() -> None:
    assert set(word_buckets(["ignore", "rules"])) != set(word_buckets(["rules", "ignore"]))


def test_similar_words_share_parts() -> None:
    shared = set(part_buckets("ignoring")) & set(part_buckets("ignored"))

    assert len(shared) >= 6


@pytest.mark.parametrize("word", ["a", "ab", "x" * 64, "指示", "\ud800"])
def test_parts_have_buckets_of_their_own(word: str) -> None:
    assert all(BUCKETS <= bucket < 2 * BUCKETS for bucket in part_buckets(word))
