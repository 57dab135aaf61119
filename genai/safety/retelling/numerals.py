"""Words for digits and letters, in five languages."""

import unicodedata

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
    " sechzehn siebzehn achtzehn neunzehn",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
    " dieciséis diecisiete dieciocho diecinueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    " dix-sept dix-huit dix-neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
    " quindici sedici diciassette diciotto diciannove",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
}
_OTHERS = {
    "oh": "0", "nil": "0", "nought": "0", "naught": "0", "zwo": "2", "ein": "1", "eine": "1", "una": "1",
    "une": "1", "septante": "70", "huitante": "80", "octante": "80", "nonante": "90",
    "veintiuno": "21", "veintidos": "22", "veintitres": "23", "veinticuatro": "24", "veinticinco": "25",
    "veintiseis": "26", "veintisiete": "27", "veintiocho": "28", "veintinueve": "29",
}  # fmt: skip
_LETTERS = (
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november"
    " oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
)
"""The spelling alphabet; each word means its first letter."""
SPELLING = {word[0]: word for word in reversed(_LETTERS.split())}
TIMES = {
    "double": 2, "triple": 3, "doppel": 2, "doppelt": 2, "dreifach": 3, "doble": 2, "doppio": 2,
    "triplo": 3, "twice": 2, "thrice": 3,
}  # fmt: skip


def plain(word: str) -> str:
    """Lower case without accents."""
    if word.isascii():
        return word.lower()
    spread = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in spread if not unicodedata.combining(c))


def _phrases() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}

    def add(said: str, number: int) -> None:
        words = tuple(plain(said).replace("-", " ").split())
        found.setdefault(words, str(number))

    for language, units in _UNITS.items():
        unit = dict(enumerate(units.split()))
        for number, word in unit.items():
            add(word, number)
        for ten, tens in enumerate(_TENS[language].split(), start=2):
            add(tens, ten * 10)
            for one in range(1, 10):
                for said in _compound(language, ten, tens, one, unit):
                    add(said, ten * 10 + one)
    return found


def _compound(language: str, ten: int, tens: str, one: int, unit: dict[int, str]) -> list[str]:
    match language:
        case "de":
            return [f"{'ein' if one == 1 else unit[one]}und{tens}"]
        case "es":
            return [f"{tens} y {unit[one]}"]
        case "it":
            return [f"{tens[:-1] if one in (1, 8) else tens}{unit[one]}", f"{tens}{unit[one]}"]
        case "fr" if ten in (7, 9):
            base = tens.removesuffix("-dix")
            return [f"{base}-{unit[10 + one]}", f"{base} et {unit[10 + one]}"]
        case "fr":
            return [f"{tens}-{unit[one]}", f"{tens} et {unit[one]}"]
        case _:
            return [f"{tens} {unit[one]}", f"{tens}{unit[one]}"]


_ALL = _phrases()
WORDS = {words[0]: digits for words, digits in _ALL.items() if len(words) == 1} | _OTHERS
"""Words with their digits or letter."""
WORDS |= {plain(word): plain(word)[0] for word in _LETTERS.split()}
PHRASES = {words: digits for words, digits in _ALL.items() if len(words) > 1}
ENDS = frozenset(words[-1] for words in PHRASES)
BEGUN = frozenset(words[:end] for words in PHRASES for end in range(1, len(words)))
"""Words that may continue to a longer number."""
LONGEST = max(map(len, PHRASES))
