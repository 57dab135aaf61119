"""The values of categorical columns, and the words for them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from sample_bank.people import ABROAD, BRANCHES, EMPLOYERS, LANDLORDS, PLACES, SPENDING

FILE: Final = Path(__file__).with_name("phrases") / "values.yaml"


@dataclass(frozen=True, slots=True)
class Wording:
    """Alternatives, separated by bars. ``before`` precedes a noun ("frozen accounts"), ``behind``
    follows it ("accounts that are frozen"); ``noun`` replaces it ("mortgages").
    """

    before: str = ""
    behind: str = ""
    noun: str = ""


@cache
def wordings(column: str) -> dict[str, Wording]:
    """Wordings by value."""
    known = yaml.safe_load(FILE.read_text(encoding="utf-8"))[column]
    return {
        value: Wording(**{part: "|".join(words) for part, words in parts.items()})
        for value, parts in known.items()
    }


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INCOME: Final = ("salary", "interest", "savings deposit")
EXPENSES: Final = (*SPENDING, "rent")
SHOPS: Final = tuple(shop for _, _, shops in SPENDING.values() for shop in shops)
PAYEES: Final = (*SHOPS, *SHOPS, *LANDLORDS)
PAYERS: Final = EMPLOYERS

CITIES: Final = tuple(city for city, _, _ in PLACES)
CITY_NAMES: Final = {
    "Antwerp": ("Antwerp", "Antwerp", "Antwerpen"),
    "Lisbon": ("Lisbon", "Lisbon", "Lisboa"),
    "Genoa": ("Genoa", "Genoa", "Genova"),
}
BRANCH_NAMES: Final = tuple(name for name, *_ in BRANCHES)

HOME: Final = tuple(dict.fromkeys(country for _, country, _ in PLACES))
EVERYWHERE: Final = (*HOME, *ABROAD)
COUNTRY: Final = {  # and what comes from there
    "Germany": "German", "Netherlands": "Dutch", "Belgium": "Belgian", "France": "French",
    "Spain": "Spanish", "Portugal": "Portuguese", "Italy": "Italian", "Ireland": "Irish",
    "Switzerland": "Swiss", "United Kingdom": "British", "United States": "American",
    "Greece": "Greek", "Denmark": "Danish", "Austria": "Austrian",
}  # fmt: skip
COUNTRY_NAMES: Final = {
    "Netherlands": ("the Netherlands", "the Netherlands", "Netherlands", "Holland", "NL"),
    "United Kingdom": ("the United Kingdom", "the UK", "UK", "Great Britain", "Britain"),
    "United States": ("the United States", "the US", "the USA", "USA", "America"),
    "Germany": ("Germany", "Germany", "Germany", "DE"),
    "Spain": ("Spain", "Spain", "Spain", "ES"),
}

OTHER_CITIES: Final = _words("""
Paris Berlin Munich Madrid Rome Milan Vienna Brussels London Warsaw Prague Cologne Lyon Porto
Frankfurt Naples Seville Athens Copenhagen Zurich Geneva Utrecht Ghent Cork Turin Stuttgart Oslo
""")
"""Cities without customers."""

DECADES_OF_LIFE: Final = {
    20: "twenties", 30: "thirties", 40: "forties", 50: "fifties", 60: "sixties",
    70: "seventies", 80: "eighties",
}  # fmt: skip

FIRST_NAMES: Final = _words("""
Aaron Abigail Adele Ahmed Alan Alice Amina Arthur Aurora Ben Bianca Boris Bruno Camille Chloe Cyril
Dagmar Daniel Deborah Dora Edgar Edith Eleni Eric Esther Fabio Frida Gabriel George Greta Gustav
Hannah Harold Heidi Helen Henri Ingrid Iris Jacob James Jasmine John Julian Kamila Karl Katja Kira
Lars Leyla Linda Lorenzo Lukas Magda Malik Marcel Margot Max Melissa Michael Mona Naomi Natalie
Nikola Nils Omar Otto Patrick Peter Petra Quentin Rachel Raul Robert Roman Ruth Samuel Sarah
Sebastian Selma Sergio Silvia Sophie Tamara Tania Thomas Tina Umar Ursula Valentin Viktor Walter
Wendy Xavier Yasmin Yvonne Zara Zeynep
""")
"""Names of people who are no customers."""

LAST_NAMES: Final = _words("""
Adams Albrecht Alvarez Anderson Bakker Barbieri Bauer Berg Blom Braun Brown Campbell Carter
Chevalier Clark Collins Conde Davis Demir Diaz Dumont Engel Evans Farina Fernandez Fleming Foster
Franke Gomez Graf Green Gruber Haas Harris Henry Hoffman Horvat Huber Hughes Ivanov Jackson
Janssens Jensen Johnson Kaya Khan King Klein Kowalski Kraus Larsen Leroy Lewis Lindner Lombardi
Lopez Marchand Marques Mayer Miller Morris Nielsen Nowak Olsen Ozturk Papadopoulos Parker Perez
Perrin Phillips Popescu Rao Reid Reyes Roberts Rossi Russo Sanchez Sauer Scott Silva Smith Stewart
Svensson Taylor Thompson Turner Vogt Walker Weiss White Wilson Wood Wright Yilmaz Young Zhang Ziegler
""")
