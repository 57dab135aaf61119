"""Reads words letter by letter in another order or alphabet: backwards, in rot13, in the other case."""

import re
from codecs import encode
from collections.abc import Callable, Iterator

from genai.safety import checksums
from genai.safety.disguises.pieces import is_shuffled
from genai.safety.identifiers import find_emails, find_ibans
from genai.safety.links.domains import is_top
from genai.safety.personal_data import Place
from genai.safety.secrets import find_tokens

_WORD = re.compile(r"[!#-&*-+\--:=?-Z_a-z~/]{16,640}+")
_REWRITTEN: tuple[Callable[[str], str], ...] = (lambda word: encode(word, "rot13"), str.swapcase)
_CASELESS = re.compile(
    r"\b(?:A(?:KI|SI|GP|ID|RO|NP)A[A-Z2-7]{16}\b|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20}"
    r"|[srp]k_(?:live|test)_[A-Za-z0-9]{16}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30}|npm_[A-Za-z0-9]{36}"
    r"|sk-(?:proj|ant|svcacct)-[\w-]{20}|xox[abeoprs]-[\w-]{20}|eyJ[\w-]{10,500}\.eyJ[\w-]{10})",
    re.ASCII | re.IGNORECASE,
)
_GROUPS = re.compile(
    r"(?<![\dA-Za-z])(?:\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}|\d{5}[ -]\d{6}[ -]\d{4})(?![\dA-Za-z])"
)
_DIGITS = re.compile(r"(?<![\dA-Za-z.,-])\d{15,16}(?![\dA-Za-z])(?![.,]\d)")
_CARD = re.compile(
    r"(?:card|karte|carte|tarjeta|drac|backwards?|reverse|r[üu]ckw[äa]rts)", re.IGNORECASE
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ -]?)+")
_IBAN = re.compile(r"(?=(?:\D*\d){8})[A-Z]{2}\d\d[A-Z0-9]*(?:[ -][A-Z0-9]+)*+")
_NEAR = 60
_COUNTRY = 2
"""Letters of an IBAN that may be shown, because a stream does not hold them back."""


def find_rewritten_tokens(text: str) -> Iterator[Place]:
    for match in _WORD.finditer(text):
        word, at = match[0], match.start()
        for start, end, kind in _tokens(word[::-1]):
            yield at + len(word) - end, at + len(word) - start, kind
        for rewrite in _REWRITTEN:
            for start, end, kind in _tokens(rewrite(word)):
                yield at + start, at + end, kind
        if found := _CASELESS.search(word):
            yield at + found.start(), at + found.end(), "token"


def _tokens(word: str) -> Iterator[Place]:
    return (place for place in find_tokens(word) if is_shuffled(word[place[0] : place[1]]))


def find_reversed(text: str) -> Iterator[Place]:
    """Cards, IBANs and addresses that are written backwards, and IBANs in rot13."""
    for match in _GROUPS.finditer(text):
        if _is_card(match[0][::-1]) and not _YEARS.fullmatch(match[0]):
            yield *match.span(), "CREDIT_CARD"
    for match in _DIGITS.finditer(text):
        if _is_card(match[0][::-1]) and _CARD.search(
            text, max(0, match.start() - _NEAR), match.end()
        ):
            yield *match.span(), "CREDIT_CARD"
    back = text[::-1]
    for start, end in _ibans(back):
        yield len(text) - end, len(text) - start, "IBAN_CODE"
    for start, end in _ibans(encode(text, "rot13")):
        yield start + _COUNTRY, end, "IBAN_CODE"
    if "@" in text:
        for start, end in find_emails(back):
            if is_top(back[start:end].rpartition(".")[2]):
                yield len(text) - end, len(text) - start, "EMAIL_ADDRESS"


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    return ((start, end) for start, end in find_ibans(text) if _IBAN.fullmatch(text, start, end))


def _is_card(number: str) -> bool:
    digits = "".join(filter(str.isdigit, number))
    return checksums.luhn(digits) and bool(checksums.card_network(digits))
