"""Removes disguises of words: look-alike letters, invisible characters, split and encoded text."""

import base64
import binascii
import re
import unicodedata
from codecs import decode as codec_decode
from collections.abc import Iterator
from urllib.parse import unquote

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0001\U000e0100-\U000e01ef]"
)
_TAG = re.compile("[\U000e0020-\U000e007e]")
_TAGS = {0xE0000 + code: code for code in range(0x20, 0x7F)}
"""Invisible tag characters that mirror ASCII, which models read."""

_ALIKE = (
    "3:0437 A:0410,0391 a:0430,03b1,0251 B:0412,0392 b:0432,03b2 C:0421 c:0441 d:0501 "
    "E:0415,0395 e:0435,03b5 g:0261 H:041d,0397 h:043d,04bb I:0406,0399 i:0456,03b9,0269 "
    "J:0408 j:0458 K:041a,039a k:043a,03ba l:04cf M:041c,039c m:043c N:039d O:041e,039f "
    "o:043e,03bf P:0420,03a1 p:0440,03c1 q:051b r:0433 S:0405 s:0455 T:0422,03a4 "
    "t:0442,03c4 u:03c5 v:03bd w:051d,03c9 X:0425,03a7 x:0445,03c7 Y:0423,04ae,03a5 "
    "y:0443,04af,03b3 Z:0396 "
)
"""Latin letters, and the Greek, Cyrillic and phonetic characters that look like them."""
LOOK_ALIKES = {
    int(code, 16): letter
    for letter, codes in (entry.split(":") for entry in _ALIKE.split())
    for code in codes.split(",")
}
_LATIN = re.compile(r"[A-Za-z]")
_FOREIGN = re.compile(r"[\u0370-\u052f\u0250-\u02af]")
_WORD = re.compile(r"\w+")

_LEET = str.maketrans("013457@$!|", "oieastasii")
_LEET_WORD = re.compile(r"(?<![\w@$!|])[\w@$!|]{2,23}[\w@$|]")
_LEET_SIGN = re.compile(r"[013457@$!|]")
_TWO_LETTERS = re.compile(r"[a-zA-Z].*[a-zA-Z]")

_SPLIT = re.compile(r"(?<![^\W_])[^\W_](?:[ ._*|/-]{1,2}[^\W_]){4,}(?![^\W_])")
_SPLIT_GAPS = re.compile(r"[ ._*|/-]+")

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,8192}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:(?:0x|\\x|%)?[0-9A-Fa-f]{2}[ ,:]?){12,4096}(?![0-9A-Fa-f])")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_HEX_DIGITS = re.compile(r"(?:0x|\\x|%)?([0-9A-Fa-f]{2})[ ,:]?")

MAX_DECODED = 20_000
"""Limit of decoded characters, for all encodings together."""


def fold(text: str) -> str:
    """The text as a reader sees it: compatibility characters unified, invisible ones removed."""
    if text.isascii():
        return text
    if _TAG.search(text):
        text = text.translate(_TAGS)
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if _FOREIGN.search(text):
        text = _WORD.sub(_unmask, text)
    return text


def _unmask(match: re.Match[str]) -> str:
    """Reads a word that mixes Latin letters with look-alikes as Latin."""
    word = match[0]
    return word.translate(LOOK_ALIKES) if _LATIN.search(word) and _FOREIGN.search(word) else word


def unleet(text: str) -> str:
    """Replaces digits and signs in words by the letters that they resemble; numbers stay."""
    return _LEET_WORD.sub(_unleet_word, text)


def _unleet_word(match: re.Match[str]) -> str:
    word = match[0]
    mixed = _LEET_SIGN.search(word) and _TWO_LETTERS.search(word)
    return word.translate(_LEET) if mixed else word


def join_split_words(text: str) -> str:
    """Reads ``i g n o r e`` as ``ignore``; wider gaps are spaces between words."""
    return _SPLIT.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    return " ".join(_SPLIT_GAPS.sub("", word) for word in re.split(r"[ ._*|/-]{2}", match[0]))


def decoded(text: str) -> Iterator[str]:
    """Readable texts encoded in this one: in base64, hexadecimal or percent encoding.

    Any script counts, but only prose: an order in a code, not a number (see `encoded_words`).
    """
    budget = MAX_DECODED
    for found in _coded(text):
        if budget <= 0:
            return
        if _readable(found):
            yield found[:budget]
            budget -= len(found)


def _coded(text: str) -> Iterator[str]:
    for match in _BASE64.finditer(text):
        yield _from_base64(match[0])
    for match in _HEX.finditer(text):
        digits = "".join(_HEX_DIGITS.findall(match[0]))
        yield bytes.fromhex(digits).decode("utf-8", "replace")
    if _PERCENT.search(text):
        yield unquote(text[:MAX_DECODED])


def _from_base64(text: str) -> str:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(plain[: len(plain) // 4 * 4] + _tail(plain))
    except (binascii.Error, ValueError):
        return ""
    return raw.decode("utf-8", "replace")


def _tail(plain: str) -> str:
    rest = plain[len(plain) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _readable(text: str) -> bool:
    """Whether it is mostly letters and spaces, so that it was not decoded by chance."""
    if len(text) < 8:
        return False
    return sum(c.isalpha() or c == " " for c in text) >= 0.8 * len(text)


def rot13(text: str) -> str:
    return codec_decode(text, "rot13")
