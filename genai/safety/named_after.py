"""Finds the name of a number in the words after it: "943 476 5919 is my NHS number"."""

import re

_VERBS = ("is", "was", "ist", "war", "est", "es", "è", "är", "er", "jest", "on", "=")
_SIGNS = ("=", "-", "->", "<-", "←", "→", "^")
_THIS_IS = (
    "it is", "it's", "that is", "that's", "this is", "it was", "which is", "which was", "das ist", "dies ist",
    "es ist", "det er", "det är", "dette er", "dat is", "dit is", "het is", "c'est", "ceci est", "es",
    "este es", "ese es", "è", "questo è", "quello è", "é", "este é", "esse é", "isso é", "to jest", "to",
    "se on", "это", "bu",
)  # fmt: skip
_ADVERBS = (
    "indeed", "really", "also", "still", "actually", "bien", "aussi", "auch", "wirklich", "también", "anche",
    "também", "ook", "också", "også",
)  # fmt: skip
_AS = ("as", "als", "como", "comme", "come", "jako", "som")
_OWNERS = (
    "my", "his", "her", "their", "our", "your", "mein", "meine", "ihre", "seine", "unsere", "mon", "ma",
    "votre", "sa", "son", "mi", "su", "il mio", "la mia", "mijn", "uw", "zijn", "min", "mitt", "mit",
    "minha", "meu", "o meu", "a minha", "mój", "moje", "minun", "benim", "мой", "el mío",
)  # fmt: skip
"""No articles after a verb, so that a stream that begins "12345678 is the ..." is not held back."""
_NAME = r"[^\n.,;:!?()\d]{1,28}"
_LONG_NAME = r"[^\n.,;:!?()\d]{1,40}"
_CLAUSE = r"[^\n.,;:!?()\d]{1,48}"
_IN_BRACKETS = r"[^\n,;:!?()\d]{1,28}"
_CLOSED = "[)\"'»”*`,:]?"
_SHORT_FOR = "[A-Z]{3,6}"
_WORD = r"[^\W\d]{1,14}"
"""One word may be between: "Can you look 943 476 5919 up? It is my NHS number"."""
LONGEST = 112
"""Maximum length of the words after a number that name it."""


def _begun(words: tuple[str, ...]) -> str:
    """Any beginning of any of these words, the empty one included."""
    beginnings = {word[:length] for word in words for length in range(len(word) + 1)}
    return "|".join(map(re.escape, sorted(beginnings, key=len, reverse=True)))


_VERB, _LIKE, _OWNER, _SIGN, _THIS, _ADVERB = (
    "|".join(map(re.escape, words)) for words in (_VERBS, _AS, _OWNERS, _SIGNS, _THIS_IS, _ADVERBS)
)
_THE = "the|le|la|el|il|o|a|der|die|das|de|het"
_AND = "and|or|but|und|oder|aber|et|ou|y|e|o|i|og|och|en|of"
"""Words after these are of the next number."""
_ARTICLE = "an?|une?|ein|eine|een|uma?"
_TYPE = r"\w{0,12}(?:[Tt]ype|[Kk]ind|[Tt]ypo?|[Tt]ipo|[Ff]ield)"
"""The next field may name the kind: {"value": "943 476 5919", "type": "nhs"}."""
_CELL = r"[^\n.,;:!?()\d\"'<>|\t]{1,28}"
"""So may the next cell, if it contains nothing else: "ann;943 476 5919;NHS number"."""
_KEY_END = r"[\"']?\s?[=:]"
"""A name before such a sign belongs to the next value."""
_ABBREVIATION = r"(?:[A-Za-z]\.){2,6}"
_AGREED = rf"(?:(?:- )?{_WORD}[,.!?] ){{0,2}}(?:- )?"
"""As in "943 476 5919, correct? - Yes, that is my NHS number"."""
_OWNERS_TOO = (*_OWNERS, *_THE.split("|"))
_OWNER_TOO = "|".join(map(re.escape, _OWNERS_TOO))
_REST, _LONGEST_REST = r"[^\n.;:!?|<>{}\"\d]", 44
_REST_OF_SENTENCE = re.compile(rf"{_CLOSED} ({_REST}{{1,{_LONGEST_REST}}})(?=[.;!?\n]|\Z)")
_NAMED = re.compile(
    rf"{_CLOSED} (?:(?i:(?:{_VERB}) (?:{_OWNER}) (?P<owned>{_NAME})"
    rf"|(?:{_LIKE}) (?:(?:{_OWNER}) )?(?P<like>{_NAME})|(?:the|{_OWNER}) (?P<asked>{_NAME}))"
    rf"|\((?P<within>{_IN_BRACKETS})|(?P<short>{_SHORT_FOR})(?![A-Za-z]|{_KEY_END})"
    rf"|(?:{_SIGN}) (?:(?P<abbreviated>{_ABBREVIATION})|(?P<signed>{_LONG_NAME})(?![^\n.,;:!?()\d]|:)))"
    rf"|{_CLOSED}(?: {_WORD})?[,.;?!] ?{_AGREED}"
    rf"(?i:(?:{_THIS}) (?:(?:{_ADVERB}) )?(?:(?:{_OWNER_TOO}) )?(?P<sentence>{_NAME}))"
    rf"|{_CLOSED} (?i:(?:(?:{_VERB}) )?(?:{_ARTICLE}|{_THE})) (?P<article>{_LONG_NAME})"
    rf"|{_CLOSED} (?!(?i:{_AND}) ){_WORD} (?i:{_OWNER_TOO}) (?P<question>{_NAME})"
    rf"|{_CLOSED} (?i:is|was) (?P<clause>{_CLAUSE})"
    rf"|[\"']?[,&;] ?[\"']?{_TYPE}[\"']? ?[:=] ?[\"']?(?P<typed>[^\n.,;:!?()\d\"']{{1,28}})"
    rf"|[\"']?(?:[>;|\t]|,(?= ?[\"'])) ?[\"']?(?P<cell>{_CELL})(?=[\"';,|<\n\t)]|\Z)(?!{_KEY_END})"
)
_LETTERS = r"(?:[A-Za-z]{1,2}(?![A-Za-z])| [A-Z]{1,2}(?![A-Za-z]))?"
"""Letters in which a number may end."""
_BEGUN = re.compile(
    rf"(?<=\d){_LETTERS}{_CLOSED} (?:(?i:{_begun(_VERBS)}"
    rf"|(?:{_VERB}) (?:(?:{_begun(_OWNERS)})|(?:{_OWNER}) (?:{_NAME})?)"
    rf"|{_begun(_AS)}|(?:{_LIKE}) (?:(?:{_OWNER}) )?(?:{_NAME})?"
    rf"|{_begun(('the', *_OWNERS))}|(?:the|{_OWNER}) (?:{_NAME})?)"
    rf"|\((?:{_IN_BRACKETS})?|[A-Z]{{0,6}}[\"']?|(?:{_begun(_SIGNS)})"
    rf"|(?:{_SIGN}) (?:{_LONG_NAME}|(?:[A-Za-z]\.?){{1,12}})?)\Z"
)
_SENTENCE_BEGUN = re.compile(
    rf"(?<=\d){_LETTERS}{_CLOSED}(?:(?: (?:{_WORD})?)?"
    rf"|(?: {_WORD})?[,.;?!] ?{_AGREED}(?:-|{_WORD}[,.!?]?)?"
    rf"|(?: {_WORD})?[,.;?!] ?{_AGREED}(?i:(?:{_begun(_THIS_IS)})|(?:{_THIS}) (?:(?:{_ADVERB}) )?"
    rf"(?:{_begun((*_ADVERBS, *_OWNERS_TOO))}|(?:(?:{_OWNER_TOO}) )?(?:{_NAME})?))"
    rf"| (?i:(?:(?:{_VERB}) )?(?:{_ARTICLE}|{_THE})) (?:{_LONG_NAME})?| (?i:{_VERB}) (?:{_WORD})?"
    rf"| (?i:is|was) (?:{_CLAUSE})?"
    rf"| {_WORD} (?i:(?:{_begun(_OWNERS_TOO)})|(?:{_OWNER_TOO}) (?:{_NAME})?)"
    rf"|[\"']?[,&;] ?[\"']?(?:\w{{0,20}}|{_TYPE}[\"']? ?(?:[:=] ?[\"']?(?:{_NAME})?)?)"
    rf"|[\"']?[>;|\t,] ?[\"']?(?:{_CELL}[\"']?)?|[\"']| {_REST}{{0,{_LONGEST_REST}}})\Z"
)
_NUMBER = re.compile(r"(?:\d(?:(?:[ .\u00a0/-]{1,2}|\r?\n)?\d){4}|[A-Za-z]{5} ?\d{4})\Z")
"""The end of a number that is long enough to identify a person."""
_LONG_NUMBER = re.compile(
    r"\d(?:(?:[ ./-]{1,2}|\r?\n)?\d){6}"
    r"(?:(?:[ ./-]{1,2}|\r?\n)?\d|[A-Za-z]{1,2}| [A-Z]{1,2}|-[A-Za-z0-9])\Z|[A-Za-z]\d{7}\Z"
)
"""A number that another sentence may name. It may end in letters."""
_OF_LONG = ("sentence", "article", "question", "clause", "typed", "cell")
_SEVEN_DIGITS = re.compile(r"\d(?:(?:[ ./-]{1,2}|\r?\n)?\d){6}\Z")


def name_after(text: str, end: int, *, cells: bool = True) -> str:
    """The name of the number that ends there, verbatim; empty if it has none.

    Without ``cells``, the next cell of a table is ignored.
    """
    named = _NAMED.match(text, end)
    if (
        named is None
        or (named["cell"] and not cells)
        or (named.lastgroup in _OF_LONG and not _LONG_NUMBER.search(text, max(0, end - 32), end))
    ):
        return ""
    return named[named.lastgroup or 0]


def rest_of_sentence(text: str, end: int) -> str:
    """The words from the number that ends there to the end of the sentence; empty if they are many, or
    another number is among them.
    """
    rest = _REST_OF_SENTENCE.match(text, end)
    return rest[1] if rest and _LONG_NUMBER.search(text, max(0, end - 32), end) else ""


def name_undecided_from(text: str) -> int:
    """The start of the last words that may still become the name of the number before them."""
    floor = max(0, len(text) - LONGEST)
    for begins, number in ((_BEGUN, _NUMBER), (_SENTENCE_BEGUN, _SEVEN_DIGITS)):
        begun = begins.search(text, floor)
        if begun and number.search(text, max(0, begun.start() - 32), begun.start()):
            return begun.start()
    return len(text)
