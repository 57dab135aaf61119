"""Typos and styles: polite or curt, with letters swapped, dropped and doubled."""

from random import Random
from typing import Final

from sample_bank.training.layers import layered
from sample_bank.training.numbers import TENS, WORDS
from sample_bank.training.wording import say

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
NUMBERS: Final = frozenset((*WORDS, *TENS.values()))


def slipped(random: Random, text: str) -> str:
    """The question with typos. Numbers and values stay intact."""
    text = layered(random, text)
    if random.random() < 0.1:
        text = f"{say(random, '<politely>')} {text}"
    if random.random() < 0.07:
        end = "?" if text.endswith("?") else ""
        text = f"{text.rstrip('?.')} {say(random, '<afterwards>')}{end if random.random() < 0.6 else ''}"
    if random.random() < 0.12:
        text = text.rstrip("?")
    if random.random() < 0.06:
        text = text.rstrip("?.") + random.choice((".", "!", "??", " ?", "..."))
    if random.random() < 0.06:
        text = text.replace(",", "").replace("'", "")
    if random.random() < 0.08:
        words = text.split(" ")
        for _ in range(random.choice((1, 1, 2))):
            at = random.randrange(len(words))
            words[at] = _mistyped(random, words[at])
        text = " ".join(words)
    return text


def _mistyped(random: Random, word: str) -> str:
    """Changes only long lower-case words, because names and numbers are copied."""
    if len(word) < 5 or not word.isalpha() or not word.islower() or word in NUMBERS:
        return word
    at = random.randrange(1, len(word) - 1)
    match random.randrange(4):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + random.choice(LETTERS) + word[at + 1 :]
