"""Detects keys, tokens and passwords."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import readings

LONGEST = 640
"""Characters within which a secret is recognised."""

_SHORTEST_TOKEN = 15
_SHORTEST_VALUE = 8
"""A text whose words are all shorter has no secret, which excludes most prose at once."""

_TOKENS = {
    "private_key": r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    "aws_key": r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z2-7]{16}\b",
    "jwt": r"\beyJ[\w-]{10,500}\.eyJ[\w-]{10,}(?:\.[\w-]*)?",
    "github_token": r"\bgh[pousr]_[A-Za-z0-9]{36}\w*|\bgithub_pat_\w{22}\w*",
    "gitlab_token": r"\bglpat-[\w-]{20,}",
    "openai_key": r"\bsk-(?:proj-|svcacct-|admin-|ant-|or-)?[\w-]{20,}",
    "stripe_key": r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}",
    "slack_token": r"\bxox[abeoprs]-[\w-]{10,}|\bxapp-\d-[\w-]{10,}",
    "google_key": r"\bAIza[\w-]{35}|\bGOCSPX-[\w-]{24,}|\bya29\.[\w-]{20,}",
    "huggingface_token": r"\bhf_[A-Za-z0-9]{30,}",
    "package_token": r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{32,}|dckr_pat_[\w-]{20,})",
    "sendgrid_key": r"\bSG\.[\w-]{16,32}\.[\w-]{16,}",
    "telegram_token": r"\b\d{8,10}:AA[\w-]{33}",
    "azure_key": r"\bAccountKey=[A-Za-z0-9+/]{40,88}={0,2}",
    "vault_token": r"\bhv[sb]\.[\w-]{24,}",
    "slack_webhook": r"hooks\.slack\.com/(?:services|workflows)/[\w/-]{20,}",
    "azure_signature": r"[?&]sig=[\w%+/-]{30,}=*",
    "twilio_key": r"\bSK[0-9a-f]{32}\b",
    "digitalocean_token": r"\bdo[opr]_v1_[0-9a-f]{64}",
    "shopify_token": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "databricks_token": r"\bdapi[0-9a-f]{32}",
    "atlassian_token": r"\bATATT3[\w=-]{20,}",
    "mailgun_key": r"\bkey-[0-9a-f]{32}\b",
    "sentry_token": r"\bsntry[su]_[\w+/=]{30,}",
    "new_relic_key": r"\bNRAK-[A-Z0-9]{27}\b",
    "linear_key": r"\blin_api_[A-Za-z0-9]{32,}",
    "private_key_body": r"\b(?:MII[A-Za-z0-9+/]{2}[AQgw]IB(?:AAKC|ADAN)|MHcCAQEE|MIGkAgEBBD|MIG[A-Za-z0-9]"
    r"AgEAM|MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)[A-Za-z0-9+/]{16,}"
    r"(?:\s{1,2}[A-Za-z0-9+/]{16,})*={0,2}",
    "own_key": r"\bgaf_[0-9a-f]{16}_[\w-]{20,}",
    "age_key": r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}",
}
_LETTER = r"[^\W_]"
"""Keys may be within underscores, which may be emphasis."""


def _alternatives(tokens: Mapping[str, str]) -> str:
    """A pattern for one of these, tried only where a word may begin if it asks for that."""
    words = {name: token for name, token in tokens.items() if token.startswith(r"\b")}
    inside = {name: token for name, token in tokens.items() if name not in words}
    begun = {name: token[2:].replace(r"|\b", "|") for name, token in words.items()}
    first, second = (
        "|".join(f"(?P<{name}>{token})" for name, token in part.items()) for part in (begun, inside)
    )
    return rf"(?<!{_LETTER})(?:{first})|{second}".replace(r"\b", f"(?!{_LETTER})")


_TOKEN = re.compile(_alternatives(_TOKENS), re.ASCII)
_URL_PASSWORD = re.compile(
    r"(?<![^\W_])[A-Za-z][A-Za-z0-9+.-]{1,20}://[A-Za-z0-9._~%!$&*+=-]{0,64}:(?P<value>[^\s:/@\"'<>]{1,128})@"
)
_ASSIGNED = re.compile(
    r"(?:api[ _-]?key|secret(?:[ _-](?:access[ _-])?key)?|access[ _-]?token|auth[ _-]?token"
    r"|client[ _-]?secret|bearer|passw(?:or)?d|pwd)"
    r"[\"']?\s{0,2}(?:[:=]|\bis\b)?\s{0,2}[\"'`]?(?P<value>[\w+/~!#@?$%&*.=-]{12,512})"
    r"|(?:passw(?:or)?d|passphrase|pwd)[\"']?\s{0,2}[:=]\s{0,2}[\"'`]?(?P<short>[\w+/~!#@?$%&*.=-]{8,11})"
    r"(?![\w+/~!#@?$%&*=-])",
    re.IGNORECASE | re.ASCII,
)
_MARKS_TEXT = (
    "eyJ sk- sk_ rk_ pk_ ghp_ gho_ ghu_ ghs_ ghr_ github_ glpat AKIA ASIA AGPA AIDA AROA ANPA xox "
    "xapp AIza GOCSPX ya29 hf_ npm_ pypi- dckr SG. :AA AccountKey hvs. hvb. whsec -----BEGIN"
    " hooks.slack.com sig= SK _v1_ shp dapi ATATT3 key- sntry NRAK- lin_api AGE-SECRET IBAAKC IBADAN"
    " gaf_ MHcCAQEE AgEBBD AgEAM MC4CAQAw b3BlbnNzaC1rZXk"
)
_MARKS = _MARKS_TEXT.split()
_WORDS = ("key", "secret", "token", "bearer", "passw", "pwd")
_CHARACTERS = "".join(c for c in map(chr, range(33, 127)) if c not in "\"'`,;(){}[]<>|^\\")
_HEADER = re.compile(r"-{1,5}(?:B[A-Z0-9 ]{0,56}-{0,5})?\Z")


class SecretsCheck(Check):
    """``actions`` has the action on findings by stage; other stages are not checked."""

    name = "secrets"
    waits = False

    def __init__(self, actions: Mapping[Stage, Literal["redact", "block"]]) -> None:
        self._actions = dict(actions)

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        action = self._actions.get(stage)
        if action is None:
            return Scan(safe_upto=len(text))
        replacement = "<SECRET>" if action == "redact" else None
        safe_upto = len(text)
        findings: list[Finding] = []
        for read in readings(text, final=final):
            if not final:
                safe_upto = min(safe_upto, read.position(undecided_from(read.text)))
            findings += (
                Finding(*read.place(start, end), rule=rule, replacement=replacement)
                for start, end, rule in find_secrets(read.text)
            )
        return Scan(findings=tuple(findings), safe_upto=safe_upto)


class Secrets:
    """A recognizer for stored texts, where every secret has the kind ``SECRET``."""

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        for start, end, _ in find_secrets(text):
            yield start, end, "SECRET"


def find_secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """The spans and kinds of secrets."""
    longest = _longest_word(text)
    if longest >= _SHORTEST_TOKEN or "-----" in text:
        yield from find_tokens(text)
    if "://" in text:
        for match in _URL_PASSWORD.finditer(text):
            yield *match.span("value"), "url_password"
    if longest >= _SHORTEST_VALUE and any(map(text.lower().__contains__, _WORDS)):
        for match in _ASSIGNED.finditer(text):
            group = match.lastgroup or "value"
            if _looks_random(match[group]):
                yield *match.span(group), "assigned_secret"


def find_tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """The same for those that have a well-known form."""
    if not any(map(text.__contains__, _MARKS)):
        return
    covered = 0
    for match in _TOKEN.finditer(text):
        if match.start() < covered:
            continue
        rule = match.lastgroup or ""
        covered = _end_of_key(text, match.end()) if rule == "private_key" else match.end()
        yield match.start(), covered, rule


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


_KEY_BODY = re.compile(r"[A-Za-z0-9+/=\s:,.-]*?-----END [A-Z0-9 ]{3,40}-----")


def _end_of_key(text: str, start: int) -> int:
    body = _KEY_BODY.match(text, start)
    return body.end() if body else len(text)


def _looks_random(value: str) -> bool:
    """Whether it is no word: it mixes kinds of characters, and has digits."""
    kinds = (r"\d", r"[a-z]", r"[A-Z]", r"[^A-Za-z0-9._-]")
    return bool(re.search(r"\d", value)) and sum(bool(re.search(k, value)) for k in kinds) >= 2


def undecided_from(text: str) -> int:
    """The start of the shortest end of the text that could still become a secret."""
    floor = max(0, len(text) - LONGEST)
    undecided = floor + len(text[floor:].rstrip(_CHARACTERS))
    tail = max(0, len(text) - 80)
    header = _HEADER.search(text, tail) if "-" in text[tail:] else None
    return min(undecided, header.start()) if header else undecided
