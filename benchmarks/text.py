"""The text of questions and answers. It tells a reader how much of a stream has arrived.

The scripted model and the mock upstream repeat the last message, word by word, until they have said
enough words. A token is a word.
"""

import itertools

_SENTENCES = (
    "A customer came to the branch in the morning and asked how a replacement card is ordered.",
    "The clerk explained that the old card is blocked first and that a new one follows by post.",
    "It takes about a week, and the number on the front of the card changes but the account stays.",
    "Standing orders go on as before, because they belong to the account and not to the card.",
    "Shops that keep the details of a card have to be told, since they cannot know the new ones.",
    "The customer also wanted to hear what happens to money that was reserved by a hotel abroad.",
    "Such a reservation ends by itself, and nothing is taken unless the hotel asks for the money.",
    "Travellers who lose their card can draw cash at a partner bank after a call to the helpline.",
    "The helpline is open at night, speaks several languages and calls back when lines are busy.",
    "At the end the clerk wrote a short summary, and the customer left with good advice.",
)
CHARACTERS = 1000


def _prose(characters: int) -> str:
    text = " ".join(itertools.islice(itertools.cycle(_SENTENCES), characters // 40))
    return text[:characters].rpartition(" ")[0]


QUESTION = _prose(CHARACTERS)
"""Prose of just under 1,000 characters, with single spaces."""


def echo(question: str, words: int) -> str:
    """The answer of the model: the words of the question, repeated."""
    return " ".join(itertools.islice(itertools.cycle(question.split()), words))


def words_in(part: str) -> int:
    """How many words start in a part of a text, not counting the text's first; parts may split words."""
    return part.count(" ")
