"""Random keys, tokens and passwords in well-known formats, and look-alikes."""

import base64
import json
import random
import string
from collections.abc import Callable

from benchmarks.safety.numbers import Rng, filled

_WORD = string.ascii_letters + string.digits
_URL_SAFE = _WORD + "-_"


def _random(rng: Rng, alphabet: str, count: int) -> str:
    return "".join(rng.choices(alphabet, k=count))


def _jwt(rng: Rng) -> str:
    def part(data: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    claims = part({"sub": _random(rng, string.digits, 10), "iat": rng.randint(1, 10**9)})
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{claims}.{_random(rng, _URL_SAFE, 43)}"


def _private_key(rng: Rng) -> str:
    kind = rng.choice(("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "))
    lines = "\n".join(_random(rng, _WORD + "+/", 64) for _ in range(rng.randint(2, 6)))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


SECRETS: dict[str, Callable[[Rng], str]] = {
    "aws": lambda r: f"{r.choice(('AKIA', 'ASIA'))}{_random(r, string.ascii_uppercase + '234567', 16)}",
    "aws secret": lambda r: f"aws_secret_access_key = {_random(r, _WORD + '+/', 39)}7",
    "github": lambda r: f"{r.choice(('ghp', 'gho', 'ghu', 'ghs', 'ghr'))}_{_random(r, _WORD, 36)}",
    "github fine": lambda r: f"github_pat_{_random(r, _WORD, 22)}_{_random(r, _WORD, 59)}",
    "gitlab": lambda r: f"glpat-{_random(r, _URL_SAFE, 20)}",
    "openai": lambda r: f"sk-{r.choice(('', 'proj-', 'svcacct-'))}{_random(r, _WORD, 48)}",
    "anthropic": lambda r: f"sk-ant-api03-{_random(r, _URL_SAFE, 93)}AA",
    "stripe": lambda r: f"{r.choice(('sk', 'rk'))}_{r.choice(('live', 'test'))}_{_random(r, _WORD, 24)}",
    "slack": lambda r: f"xox{r.choice('bpas')}-{filled(r, '############-############-')}"
    f"{_random(r, _WORD, 24)}",
    "slack hook": lambda r: "https://hooks.slack.com/services/T"
    f"{_random(r, string.ascii_uppercase + string.digits, 8)}/B"
    f"{_random(r, string.ascii_uppercase + string.digits, 8)}/{_random(r, _WORD, 24)}",
    "google": lambda r: f"AIza{_random(r, _URL_SAFE, 35)}",
    "google oauth": lambda r: f"GOCSPX-{_random(r, _URL_SAFE, 28)}",
    "azure storage": lambda r: f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey="
    f"{_random(r, _WORD + '+/', 86)}==;EndpointSuffix=core.windows.net",
    "azure sas": lambda r: f"https://acme.blob.core.windows.net/c?sv=2022-11-02&sig="
    f"{_random(r, _WORD, 40)}%3D&se=2030-01-01",
    "hugging face": lambda r: f"hf_{_random(r, string.ascii_letters, 34)}",
    "npm": lambda r: f"npm_{_random(r, _WORD, 36)}",
    "pypi": lambda r: f"pypi-AgEIcHlwaS5vcmc{_random(r, _URL_SAFE, 60)}",
    "sendgrid": lambda r: f"SG.{_random(r, _URL_SAFE, 22)}.{_random(r, _URL_SAFE, 43)}",
    "twilio": lambda r: f"SK{filled(r, '~' * 32)}",
    "telegram": lambda r: f"{filled(r, '^#########')}:AA{_random(r, _URL_SAFE, 33)}",
    "digitalocean": lambda r: f"dop_v1_{filled(r, '~' * 64)}",
    "shopify": lambda r: f"shpat_{filled(r, '~' * 32)}",
    "databricks": lambda r: f"dapi{filled(r, '~' * 32)}",
    "vault": lambda r: f"hvs.{_random(r, _URL_SAFE, 90)}",
    "jwt": _jwt,
    "private key": _private_key,
    "url": lambda r: f"postgres://admin:{_random(r, _WORD, 12)}@db.example.com:5432/bank",
    "password": lambda r: f"password: {_random(r, _WORD, 8)}#{r.randint(10, 99)}xY!",
    "api key": lambda r: f'"api_key": "{_random(r, _WORD, 31)}7"',
    "bearer": lambda r: f"Authorization: Bearer {_random(r, _URL_SAFE, 39)}4",
}  # fmt: skip

_HARMLESS = (
    "commit ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ fixes it",
    "request ~~~~~~~~-~~~~-4~~~-a~~~-~~~~~~~~~~~~ failed",
    "sha256:~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
    'etag "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"',
    "my password does not work since 1#.0^.2024, please reset it",
    "the secret of a good mortgage is the rate of ^.## %",
    "the token expired after ^## seconds; the key facts are on page ^#",
    "the api key is missing from the settings",
    "choose a password with 12 characters, 2 digits and a sign",
    "is your access token valid for ^# days or ^## days?",
    "order SK-2024-###### and risk-adjusted return of task-force",
    "https://example.com/a/b?session=open&page=^#",
    "git@github.com:acme/repo.git and https://example.com:8443/path",
    "data:image/png;base64,iVBORw0KGgo~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
    "primary_key=customer_id, foreign_key=account_number_2024",
    "password: ********",
    "password is case-sensitive and secret_name: my-app-config-v2",
)


def harmless(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [filled(rng, rng.choice(_HARMLESS)) for _ in range(count)]
