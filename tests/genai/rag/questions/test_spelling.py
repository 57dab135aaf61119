import numpy as np
import pytest

from genai.messages import Passage
from genai.rag.questions.spelling import corrected_spelling
from genai.rag.questions.word_vectors import WordVectors

KNOWN = WordVectors(["statement", "paper", "garden", "charge"], np.zeros((4, 2), dtype=np.int8))
PASSAGES = [
    Passage(
        document_id="fees",
        title="Fees",
        section="Statements",
        text="A statement on paper costs 1.50 euros. Warden Mills signs international guarantees.",
    ),
    Passage(document_id="other", title="", section="", text="The guarantee is a statement, too."),
]


def read(question: str) -> str:
    return corrected_spelling(question, PASSAGES, KNOWN)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("statemnt", "statement"),
        ("statemeent", "statement"),
        ("staetment", "statement"),
        ("statemant", "statement"),
        ("interntionel", "international"),
        ("ppaer", "paper"),
        ("garantee", "guarantee"),
    ],
)
def test_a_slip_is_read_as_the_word_of_the_documents(typed: str, meant: str) -> None:
    assert read(f"what does a {typed} cost?") == f"what does a {meant} cost?"


def test_each_misspelt_word_is_mended_and_the_rest_stays_as_it_is() -> None:
    asked = "Statemnt, 24 months; garantee?!"

    assert read(asked) == "Statement, 24 months; guarantee?!"


@pytest.mark.parametrize(
    "word",
    [
        "garden",  # known, and a slip away from *warden* and others
        "statements",  # a form of a known word
        "intarnitionel",  # three slips
        "papre1",
        "papr",  # too short to tell
        "statemnt@mail.example",
        "https://statemnt.example",
        "STATEMNT",
        "xtatement",
    ],
)
def test_no_other_word_is_changed(word: str) -> None:
    assert read(f"what does {word} cost?") == f"what does {word} cost?"


def test_a_name_within_a_sentence_is_not_changed() -> None:
    assert read("What does Statemnt cost?") == "What does Statemnt cost?"


def test_two_words_as_near_are_told_apart_by_how_many_passages_have_them() -> None:
    passages = [
        Passage(document_id=name, title="", section="", text=text)
        for name, text in (("a", "gloves"), ("b", "globes"), ("c", "globes"))
    ]

    assert corrected_spelling("my glofes", passages, KNOWN) == "my globes"
