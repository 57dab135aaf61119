"""Numbers, amounts and comparisons, in words and in SQL."""

from random import Random
from typing import Final

from sample_bank.training.query import Copied, Pieces
from sample_bank.training.wording import say

WORDS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
TENS: Final = {
    20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy",
    80: "eighty", 90: "ninety", 15: "fifteen", 25: "twenty-five",
}  # fmt: skip

ABOVE: Final = (
    "(over|above|more than|greater than|higher than|exceeding|larger than|bigger than|in excess of"
    "|north of|upwards of|beyond)"
)
BELOW: Final = "(under|below|less than|lower than|smaller than|beneath|short of|not even)"
AT_LEAST: Final = "(at least|no less than|a minimum of|not less than|not below)"
AT_MOST: Final = "(at most|no more than|up to|a maximum of|not more than|not above)"

SIDES: Final = ((ABOVE, " > "), (BELOW, " < "), (AT_LEAST, " >= "), (AT_MOST, " <= "))
OR_MORE: Final = (("or (more|above|over|higher)", " >= "), ("or (less|below|under|lower)", " <= "))


def count_text(random: Random, number: int) -> str:
    if number <= 12 and random.random() < 0.5:
        return WORDS[number]
    if number in TENS and random.random() < 0.3:
        return TENS[number]
    return str(number)


def digits(number: float) -> Copied:
    return Copied(f"{number:g}" if isinstance(number, float) else str(number))


def money(random: Random) -> tuple[str, tuple[str, str]]:
    """An amount in euros, and its pieces in cents."""
    kind = random.random()
    if kind < 0.2:
        number = random.choice((1, 2, 3, 4, 5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100))
        number = random.choice((number, random.randint(1, 300)))
        template = "({n}k|{n}k euros|{n} k|€{n}k|{n} thousand|{n} thousand euros|{n},000|EUR {n}k)"
        text = say(random, template, n=str(number))
        if text.endswith(",000"):
            return text, (Copied(f"{number}000"), " * 100")
        return text, (digits(number), " * 1000 * 100")
    if kind < 0.25:
        number = random.randint(1, 9)
        word = count_text(random, number)
        text = say(random, "({n} million|{n} million euros|{n}m|€{n}m)", n=word)
        return text, (digits(number), " * 1000000 * 100")
    if kind < 0.3:
        number = random.choice((*range(1, 13), *TENS))
        word = TENS.get(number) or WORDS[number]
        text, scale = random.choice((("thousand", " * 1000 * 100"), ("hundred", " * 100 * 100")))
        return f"{word} {text}{random.choice((' euros', '', ' eur'))}", (digits(number), scale)
    number = random.choice(
        (
            random.randint(1, 99) * 10,
            random.randint(1, 40) * 50,
            random.randint(1, 99) * 100,
            random.randint(1, 99) * 500,
            random.randint(1, 99) * 1000,
            random.randint(1, 60) * 5000,
            random.randint(1, 99999),
        )
    )
    written = f"{number:,}" if random.random() < 0.5 else str(number)
    text = say(
        random, "({n} euros|{n} euro|{n} EUR|€{n}|EUR {n}|{n}€|{n}|{n} eur|€ {n})", n=written
    )
    return text, (digits(number), " * 100")


def euros(random: Random) -> tuple[str, Pieces]:
    """An amount, and its pieces in euros."""
    text, (number, scale) = money(random)
    scale = scale.removesuffix(" * 100")
    return text, (number, scale) if scale else (number,)


def compared(random: Random, amount: str) -> tuple[str, str]:
    """ "above <amount>" and its operator."""
    if random.random() < 0.12:
        words, operator = random.choice(OR_MORE)
        return f"{amount} {say(random, words)}", operator
    words, operator = random.choices(SIDES, (5, 4, 2, 1))[0]
    return f"{say(random, words)} {amount}", operator


def money_test(random: Random, column: str) -> tuple[str, Pieces]:
    """ "above 500 euros", or "between 100 and 500 euros", on a column of cents."""
    text, pieces = money(random)
    if random.random() < 0.12:
        low, high = sorted((random.randint(1, 60) * 50, random.randint(61, 900) * 50))
        sign = random.choice((" euros", " EUR", ""))
        words = say(random, "(between|from) {a} (and|to) {b}", a=str(low), b=f"{high}{sign}")
        words = words.replace("from", "between") if " and " in words else words
        between = (f" {column} BETWEEN ", digits(low), " * 100 AND ", digits(high), " * 100")
        return words, between
    words, operator = compared(random, text)
    return words, (f" {column}", operator, *pieces)


def number_test(random: Random, column: str, low: int, high: int) -> tuple[str, Pieces]:
    """ "more than two" on a column or an expression of plain numbers."""
    number = random.randint(low, high)
    words, operator = compared(random, count_text(random, number))
    if random.random() < 0.15:
        words = f"{say(random, '(exactly|precisely|just)')} {count_text(random, number)}"
        if number == 1 and random.random() < 0.5:
            words = say(random, "(a single|only one|just a single|one single|only 1)")
        operator = " = "
    return words, (f" {column}", operator, digits(number))
