"""Generates examples embedded in results of tools: JSON, letters, pages, tables, logs, code, events."""

import json
from collections.abc import Callable, Iterator
from random import Random

from genai.safety.examples.grammar import Grammar
from genai.safety.training.examples import GENERATED, LabelledText
from genai.safety.training.settings import Generated

_AROUND = ("honest_data", "honest_data", "passage")


def carried(grammar: Grammar, wanted: Generated, seed: int) -> Iterator[LabelledText]:
    """Examples of a rule. The payload is the output of the rule, as it is spelt in the text."""
    random = Random(seed)
    for _ in range(wanted.count):
        text_of_rule = grammar.say(wanted.rule, random)
        around = grammar.say(random.choice(_AROUND), random)
        text = random.choice(_FORMS)(text_of_rule, around, random)
        payload = _spelling_in(text_of_rule, text) if wanted.attack else ""
        yield LabelledText(f"{GENERATED}/{wanted.rule}", text, wanted.attack, payload)


def _spelling_in(payload: str, text: str) -> str:
    """The payload with the escapes that it has in the text; empty if it is not found."""
    forms = (
        payload,
        json.dumps(payload)[1:-1],
        json.dumps(payload, ensure_ascii=False)[1:-1],
        payload.replace(",", "\\,"),
        payload.replace('"', "'"),
        *(payload.replace(mark, " ") for mark in ",;"),
    )
    return next((form for form in forms if form in text), "")


def _as_json(payload: str, around: str, random: Random) -> str:
    rows = [{"id": random.randint(1, 9999), "text": text} for text in (around, payload)]
    random.shuffle(rows)
    return json.dumps({"status": "ok", "items": rows}, ensure_ascii=random.random() < 0.3)


def _as_record(payload: str, around: str, random: Random) -> str:
    review = {"rating": random.randint(1, 5), "title": "Review", "content": payload}
    return str({"product": around, "reviews": [review]})


def _as_letter(payload: str, around: str, random: Random) -> str:
    before, after = (around, payload) if random.random() < 0.5 else (payload, around)
    name = random.choice(("kim", "info", "lee.park", "noreply"))
    return (
        f"sender: {name}@mail.example\nsubject: hello\nbody: |\n  {before}\n  {after}\nread: true"
    )


def _as_page(payload: str, around: str, random: Random) -> str:
    tag = random.choice(("div", "p", "li", "span", "td"))
    return f"<h1>News</h1><p>{around}</p><{tag}>{payload}</{tag}>"


def _as_table(payload: str, around: str, random: Random) -> str:
    return f"{random.randint(1, 31)} May | {random.randint(1, 99)}.00 | {around}\n1 June | 9.90 | {payload}"


def _as_prose(payload: str, around: str, random: Random) -> str:
    gap = random.choice((" ", "\n", "\n\n"))
    return f"{around}{gap}{payload}" if random.random() < 0.5 else f"{payload}{gap}{around}"


def _as_sheet(payload: str, around: str, random: Random) -> str:
    rows = [(random.randint(1, 999), name, text) for name, text in _named(payload, around, random)]
    head = random.choice(
        ("id,name,comment", "no,author,text", "row,owner,note", "ticket,from,subject")
    )
    return "\n".join([head, *(f'{number},{name},"{text}"' for number, name, text in rows)])


def _as_log(payload: str, around: str, random: Random) -> str:
    clock = f"2025-0{random.randint(1, 9)}-11T0{random.randint(1, 9)}:{random.randint(10, 59)}"
    before = random.choice(
        (f"{clock}:02 INFO started in 12 ms", f"[notice] {around}", "level=info ok")
    )
    line = random.choice(
        (
            f"{clock}:03 WARN {payload}",
            f'level=warn msg="{payload}" user=guest',
            f"[error] {payload}",
        )
    )
    return f"{before}\n{line}\n{clock}:05 INFO request served"


def _as_code(payload: str, around: str, random: Random) -> str:
    mark = random.choice(("#", "//", "--", "# TODO:", "// NOTE:", ";", "/*", '"""'))
    body = random.choice(
        ("def total(rows):", "const port = 8080;", "import os", "SELECT 1;", "int n = 0;")
    )
    return f"{body}\n{mark} {payload}\n{random.choice(('return rows', 'export default port;', 'x = 1'))}"


def _as_event(payload: str, around: str, random: Random) -> str:
    if random.random() < 0.5:
        text = payload.replace(",", "\\,")
        return f"BEGIN:VEVENT\nSUMMARY:{random.choice(_TITLES)}\nDESCRIPTION:{text}\nEND:VEVENT"
    return f"event: {random.choice(_TITLES)}, {random.randint(8, 18)}:00\nnotes: {payload}"


def _as_hidden(payload: str, around: str, random: Random) -> str:
    shell = random.choice(
        (
            "<p>{0}</p><!-- {1} -->",
            '<p>{0}</p><span style="display:none">{1}</span>',
            '<meta name="description" content="{1}"><p>{0}</p>',
            '<img src="a.png" alt="{1}"><p>{0}</p>',
            '<p style="color:#fff">{1}</p><p>{0}</p>',
            "{0}\n[comment]: # ({1})",
        )
    )
    return shell.format(around, payload)


def _as_reviews(payload: str, around: str, random: Random) -> str:
    stars = "\u2605" * random.randint(1, 5)
    texts = [f"{name} {stars} {text}" for name, text in _named(payload, around, random)]
    return "\n".join(texts)


def _as_description(payload: str, around: str, random: Random) -> str:
    name = random.choice(("get_weather", "add", "search_docs", "list_files"))
    text = f"{around} {payload}" if random.random() < 0.5 else payload
    return json.dumps({"name": name, "description": text, "parameters": {"query": "string"}})


def _as_result(payload: str, around: str, random: Random) -> str:
    key = random.choice(
        ("message", "note", "advisory", "next_step", "bio", "summary", "hint", "body")
    )
    return json.dumps(
        {"status": "ok", "id": random.randint(1, 99), key: payload}, ensure_ascii=False
    )


def _at_the_end(payload: str, around: str, random: Random) -> str:
    head = random.choice(
        ("User guide, page 3.", "Annual report.", "Minutes, item 4.", "Leaflet.", "Abstract.")
    )
    more = around.replace("\n", " ")
    return (
        f"{head} {more} {payload}"
        if random.random() < 0.7
        else f"{more}\n\n{head} {payload} {more}"
    )


def _as_ticket(payload: str, around: str, random: Random) -> str:
    mark = random.choice(("\n\n", "\n> ", " (", "\nUpdate: ", "\nComment by guest: ", " P.S. "))
    return f"#{random.randint(10, 9999)} {around}{mark}{payload}"


def _as_chat(payload: str, around: str, random: Random) -> str:
    turns = [
        f"[10:0{at}] {name}: {text}"
        for at, (name, text) in enumerate(_named(payload, around, random))
    ]
    return "\n".join([*turns, "[10:09] jo: ok"])


def _as_settings(payload: str, around: str, random: Random) -> str:
    key = random.choice(
        ("description", "ai.hint", "note", "comment", "remarks", "message", "owner")
    )
    value = payload.replace('"', "'")
    return random.choice(
        (
            f'kind: Pod\nmetadata:\n  annotations:\n    {key}: "{value}"\n  name: web',
            f'[server]\nport = 8080\n; {payload}\n{key} = "{value}"',
            f'{{"metadata":{{"annotations":{{"{key}":"{value}"}}}}}}',
            f'export {key.upper()}="{value}"',
        )
    )


def _as_sheet_of_bare_cells(payload: str, around: str, random: Random) -> str:
    mark = random.choice((",", ";", "\t"))
    cells = [text.replace(mark, " ") for text in (around, payload)]
    rows = [f"{random.randint(1, 99)}{mark}{cell}{mark}" for cell in cells]
    return "\n".join((mark.join(("id", "note", "by")), *rows, mark.join(("7", "", "ok"))))


def _as_attribute(payload: str, around: str, random: Random) -> str:
    value = payload.replace('"', "'")
    shell = random.choice(
        (
            '<div aria-label="{1}">{0}</div>',
            '<li data-note="{1}">{0}</li>',
            "<aside>{1}</aside><p>{0}</p>",
            "<noscript>{1}</noscript><p>{0}</p>",
            "<footer>{1}</footer>{0}",
            '<p class="sr-only">{1}</p><h1>{0}</h1>',
            "<title>{0}</title><blockquote>{1}</blockquote>",
        )
    )
    return shell.format(around, value)


def _alone(payload: str, around: str, random: Random) -> str:
    return payload


def _named(payload: str, around: str, random: Random) -> list[tuple[str, str]]:
    found = [(random.choice(_NAMES), text) for text in (around, payload)]
    random.shuffle(found)
    return found


_NAMES = ("anna berg", "kim lee", "tom", "j. park", "m. silva", "guest", "r. haas", "lena")
_TITLES = ("standup", "lunch", "dentist", "budget review", "call with the notary", "yard sale")
_FORMS: tuple[Callable[[str, str, Random], str], ...] = (
    _as_json, _as_record, _as_letter, _as_page, _as_table, _as_prose, _as_sheet, _as_log, _as_code,
    _as_event, _as_hidden, _as_reviews, _as_description, _as_result, _at_the_end, _at_the_end, _as_ticket,
    _as_chat, _as_settings, _as_sheet_of_bare_cells, _as_attribute, _alone,
)  # fmt: skip
