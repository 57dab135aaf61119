"""The keys here are made up, or the examples of their makers' documentation."""

import pytest

from genai.safety.base import Finding
from genai.safety.secrets import SecretsCheck, find_secrets

PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "aws_key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl", "jwt"),
        ("ghp_" + "a1B2" * 9, "github_token"),
        ("glpat-abcdefghij0123456789", "gitlab_token"),
        ("sk-proj-abcdefghijklmnop0123456789", "openai_key"),
        ("sk-ant-api03-abcdefghijklmnop0123", "openai_key"),
        ("sk_live_abcdefghijklmnop0123", "stripe_key"),
        ("xoxb-1234567890-abcdefghij", "slack_token"),
        ("AIza" + "Sy0" * 11 + "ab", "google_key"),
        ("hf_" + "abcDEF" * 6, "huggingface_token"),
        (PRIVATE_KEY, "private_key"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "Here it is: {}.", '"{}"', "({})", "_{}_"])
def test_secrets_are_found_whole_by_their_form(secret: str, rule: str, around: str) -> None:
    text = around.format(secret)

    assert (text.index(secret), rule) in [(start, name) for start, _, name in find_secrets(text)]
    assert all(text[start:end].rstrip("._") == secret for start, end, _ in find_secrets(text))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgres://ann:hunter2@db.example.com/bank", "hunter2"),
        ("password = Tr0ub4dor&3xyz", "Tr0ub4dor&3xyz"),
        ('{"api_key": "0123456789abcdef0123456789abcdef"}', "0123456789abcdef0123456789abcdef"),
        ("Authorization: Bearer abcdef0123456789ABCDEF", "abcdef0123456789ABCDEF"),
    ],
)
def test_secrets_without_a_form_are_known_by_their_place(text: str, secret: str) -> None:
    assert [text[start:end] for start, end, _ in find_secrets(text)] == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "Your password must have at least twelve characters.",
        "I forgot my password, can you send me a reset link?",
        "The token expired, please log in again at https://bank.example.com/login?next=home",
        "The secret of saving is patience; the key is a monthly standing order.",
        "Ask for -----the form----- at the desk.",
        "Your card PIN and password are never sent by e-mail.",
        "task-force, risk-averse, desk-bound and ask-me-anything sessions",
    ],
)
def test_talk_about_secrets_is_not_one(text: str) -> None:
    assert list(find_secrets(text)) == []


async def test_secrets_block_where_they_would_leave_and_are_masked_where_they_come_in() -> None:
    check = SecretsCheck({"input": "redact", "output": "block"})

    masked = await check.async_scan("key AKIAIOSFODNN7EXAMPLE", "input")
    blocked = await check.async_scan("key AKIAIOSFODNN7EXAMPLE", "output")
    unseen = await check.async_scan("key AKIAIOSFODNN7EXAMPLE", "tool")

    assert masked.findings == (Finding(start=4, end=24, rule="aws_key", replacement="<SECRET>"),)
    assert blocked.findings[0].replacement is None
    assert unseen.findings == ()


@pytest.mark.parametrize("text", ["a" * 200_000, "eyJ" * 70_000, "://" * 70_000, "key=" * 50_000,
                                  "-----BEGIN " * 20_000, "://a:" * 40_000])  # fmt: skip
@pytest.mark.timeout(30)
async def test_hostile_text_is_searched_in_linear_time(text: str) -> None:
    await SecretsCheck({"output": "block"}).async_scan(text, "output", final=False)


def test_keys_without_an_end_are_one_key_to_the_end_of_the_text() -> None:
    text = "-----BEGIN RSA PRIVATE KEY-----\nabc\n" * 5_000

    assert list(find_secrets(text)) == [(0, len(text), "private_key")]
