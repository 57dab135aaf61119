import time

import pytest

from genai.language.clauses import LONGEST
from genai.language.orders_back import completed, refers_back


@pytest.mark.parametrize(
    ("before", "text", "order"),
    [
        ("My card 7 was stolen,", "block it", "block card 7"),
        ("My card 7 was stolen:", "please block it now!", "block card 7 now!"),
        ("A thief has my debit card no. 7.", "Could you freeze this card?", "freeze card 7?"),
        ("Loan 55 is repaid.", "I'd like you to close the loan and", "close loan 55 and"),
        ("Cards 7, 8 and 9 are lost,", "block them", "block cards 7, 8 and 9"),
        ("Card 7 and her card 8 are lost.", "Block both.", "block card 7 and card 8."),
        ("I paid 500 euros with card 7.", "Block it", "block card 7"),
        ("Card -7 was stolen,", "block it", "block card -7"),
        ("Card 7 has expired. Card 8 was stolen.", "Block it", "block the card"),
    ],
)
def test_an_order_is_completed_by_the_object_named_before(
    before: str, text: str, order: str
) -> None:
    assert refers_back(text, before, apart=True)
    assert completed(text, before).lower() == order


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("My card was stolen,", "block it"),
        ("My card 7 was stolen,", "block the account"),
        ("A thief took my card 7,", "used it in Porto"),
        ("My card 7 is gone,", "perhaps it was stolen"),
        ("My card 7 is gone,", "how it works"),
        ("If I lose my card 7,", "can you block it"),
        ("Should my card 7 be lost,", "block it"),
        ("I moved 1500 euros,", "block it"),
        ("In May 2025 it broke,", "block it"),
        ("My card 7 was stolen.", "What does it cost?"),
    ],
)
def test_other_words_are_no_order(before: str, text: str) -> None:
    assert not refers_back(text, before, apart=True)
    assert completed(text, before) == text


def test_within_a_sentence_only_a_wish_is_an_order() -> None:
    assert not refers_back("block it", "How do I replace card 7", apart=False)
    assert refers_back("please block it", "I lost card 7", apart=False)


@pytest.mark.parametrize("part", ["card 7, ", "please ", "block it ", "7 and ", "if ", "can you "])
def test_it_takes_little_time_for_any_text(part: str) -> None:
    text = (part * LONGEST)[:LONGEST]
    started = time.process_time()

    refers_back(text, text, apart=True)

    assert time.process_time() - started < 0.1
