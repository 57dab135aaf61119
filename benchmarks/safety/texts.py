"""Texts with one personal number, or with numbers that are not personal, in many contexts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.safety.numbers import NUMBERS, filled

_AROUND = (
    "My {name} is {value}.", "my {name}: {value}", "{name} {value}", "{name}: {value}, thanks",
    "Please update my {name} to {value} from now on.", "Hi, {name} {value} - can you check it?",
    "The {name} ({value}) is wrong.", "{name}={value}", '{{"{name}": "{value}"}}',
    '{{"customer": {{"{name}": "{value}", "active": true}}}}', "| {name} | {value} | ok |",
    "{name}\t{value}\tyes", "{name};{value};2024", "- {name}: {value}\n- status: open",
    "<{name}>{value}</{name}>", "{name} [{value}]", "What is wrong with {name} {value}?",
    "On 2024-03-05 I wrote that my {name} is {value}, and nobody answered for 12 days.",
    "**{name}:** {value}", "I sent you my {name} “{value}” twice!", "{name}\n{value}\n",
    "Subject: {name}\n\nHello,\n{value}\nRegards", "{name}: {value} Amount: 1,250.00 EUR",
    "{name} ............ {value}", "[2026-11-03 09:12:44] INFO kyc {name}={value} ok",
    "{name}\u2014{value}\u2014was changed", "10:32 AM {name} {value} 11:05 AM",
    "Ref 2026/118: {name} {value}", "ticket #7046; {name}: {value}.", "id=7;{name}={value};x=9",
    "<td>{name}</td><td>{value}</td>", "{name}\uff1a{value}\u3002", "{name}?\n{value}!",
    "'{value}' is my {name}", "I gave {value} as my {name}", "Is {value} the right {name}?",
    "{value} ({name})",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Specimen:
    """``entity`` and ``value`` are empty if the text has no personal data."""

    text: str
    entity: str = ""
    value: str = ""


def specimens(seed: int, each: int) -> Iterator[Specimen]:
    rng = random.Random(seed)
    for entity, (make, names) in NUMBERS.items():
        for _ in range(each):
            value, name = make(rng), rng.choice(names)
            text = rng.choice(_AROUND).format(name=name, value=value)
            yield Specimen(text, entity, value)


def harmless(seed: int, count: int) -> Iterator[Specimen]:
    rng = random.Random(seed)
    for _ in range(count):
        yield Specimen(filled(rng, rng.choice(_HARMLESS)))


_HARMLESS = (
    "My order number is ^#######, where is it?",
    "my order ^########## has not come",
    "Order no. ^##-#######-####### was delivered",
    "Invoice INV-202#-###### of 1#.0^.2024",
    "invoice no. ^####### total ^##,###.## EUR",
    "I paid ^,###,###.## USD on 2024-0^-1#",
    "€^###.## and ^## ###,## kr",
    "The transfer of ^ ### ### EUR took ^ days",
    "From 1#/0^/2023 to 2#/0^/2024",
    "at 2024-0^-1#T1#:2#:3#.######Z",
    "version ^.##.# of the app, build ^#######",
    "upgrade to v^.#.#.# please",
    "ISBN 978-#-####-####-#",
    "ISBN 978##########",
    "Tracking number 1Z###AA1##########",
    "flight LH^### gate B^# seat ^#A",
    "request ~~~~~~~~-~~~~-4~~~-a~~~-~~~~~~~~~~~~",
    "commit ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ fixes it",
    "sha256 ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
    "The years 199#, 2004 and 2010-202# were good",
    "Room ^###, floor ^#, code ^###, PIN of 4 to 6 digits",
    "ticket ^######## and case ^######### are the same",
    "customer reference ^##########",
    "product 4############ in stock, batch ^#######",
    "scores: ^# ^## ^## ^# and ^##-^##",
    "see https://example.com/item/^########?page=^#&id=#######",
    "visit www.example.org or http://shop.example.net:8080/a/^####",
    "rate #.#### percent up from #.##, ^## basis points",
    "coordinates ^#.######, ^#.######",
    "| ^## | ^####.## | ^###### | 2024-0^-0^ |",
    '{"id": ^#########, "amount": ^####.##, "count": ^##, "ts": 17########}',
    "opening hours 9:00-17:3#, Mon-Fri, since 12:1#:4#",
    "std::vector<int> v = {^#, ^##}; // line ^###:^#",
    "follow @handle^# and meet @ ^ pm, ratio 3:^",
    "section ^.#.1#.# of the terms",
    "pages ^##-^##, ^x^# = ^##, call option ^###",
    "account balance ^#####.##, limit ^###, fee 0.##",
    "the card ending in #### and the account ending ###",
    "a loan of ^##,000 over 2# years at ^.##",
    "MAC ~~:~~:~~:~~:~~:~~",
)
