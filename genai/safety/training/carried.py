"""Texts inside the results of tools: between others, as JSON, letters, pages and tables."""

import json
from collections.abc import Callable, Iterator
from random import Random

from genai.safety.examples.grammar import Grammar
from genai.safety.training.examples import GENERATED, Example
from genai.safety.training.settings import Generated

_AROUND = ("honest_data", "honest_data", "passage")


def carried(grammar: Grammar, wanted: Generated, seed: int) -> Iterator[Example]:
    """The payload is what the rule said, where it stands in the text as it was said."""
    random = Random(seed)
    for _ in range(wanted.count):
        said = grammar.say(wanted.rule, random)
        around = grammar.say(random.choice(_AROUND), random)
        text = random.choice(_FORMS)(said, around, random)
        payload = said if wanted.attack and said in text else ""
        yield Example(f"{GENERATED}/{wanted.rule}", text, wanted.attack, payload)


def _as_json(said: str, around: str, random: Random) -> str:
    rows = [{"id": random.randint(1, 9999), "text": text} for text in (around, said)]
    random.shuffle(rows)
    return json.dumps({"status": "ok", "items": rows}, ensure_ascii=random.random() < 0.3)


def _as_record(said: str, around: str, random: Random) -> str:
    review = {"rating": random.randint(1, 5), "title": "Review", "content": said}
    return str({"product": around, "reviews": [review]})


def _as_letter(said: str, around: str, random: Random) -> str:
    before, after = (around, said) if random.random() < 0.5 else (said, around)
    name = random.choice(("kim", "info", "lee.park", "noreply"))
    return (
        f"sender: {name}@mail.example\nsubject: hello\nbody: |\n  {before}\n  {after}\nread: true"
    )


def _as_page(said: str, around: str, random: Random) -> str:
    tag = random.choice(("div", "p", "li", "span", "td"))
    return f"<h1>News</h1><p>{around}</p><{tag}>{said}</{tag}>"


def _as_table(said: str, around: str, random: Random) -> str:
    return f"{random.randint(1, 31)} May | {random.randint(1, 99)}.00 | {around}\n1 June | 9.90 | {said}"


def _as_prose(said: str, around: str, random: Random) -> str:
    gap = random.choice((" ", "\n", "\n\n"))
    return f"{around}{gap}{said}" if random.random() < 0.5 else f"{said}{gap}{around}"


_FORMS: tuple[Callable[[str, str, Random], str], ...] = (
    _as_json, _as_record, _as_letter, _as_page, _as_table, _as_prose,
)  # fmt: skip
