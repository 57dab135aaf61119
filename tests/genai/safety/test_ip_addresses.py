import pytest

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import places


def addresses(text: str) -> list[str]:
    return [
        text[start:end]
        for start, end, kind in places(text, [Identifiers()])
        if kind == "IP_ADDRESS"
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("from 93.184.216.34and again", "93.184.216.34"),
        ("blocked 93.184.216.34-please help", "93.184.216.34"),
        ("ip93.184.216.34", "93.184.216.34"),
        ("client_93.184.216.34", "93.184.216.34"),
        ("address\u201493.184.216.34\u2014was blocked", "93.184.216.34"),
        ("source:2001:db8::8a2e:370", "2001:db8::8a2e:370"),
        ("2001:db8::8a2e:370: refused", "2001:db8::8a2e:370"),
        ("banned\uff1a2001:db8::8a2e:370", "2001:db8::8a2e:370"),
    ],
)
def test_an_address_is_found_though_words_are_joined_to_it(text: str, address: str) -> None:
    assert addresses(text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "Chrome93.184.216.34",
        "libssl_1.1.1.1",
        "1.2.3.4beta, 1.2.3.4-rc1, 1.2.3.4b, 1.2.3.4final, 1.2.3.4_x86, 1.2.3.4-SNAPSHOT",
        "aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
        "00:1a:2b:3c:4d:5e",
        "Kapitel 2.3.1.1, El apartado 5.3.2.1, section 4.2.1.3 and 4.2.1.4, версия 1.2.3.4",
        "Chrome/45.0.84.12, rv:1.9.5.20, numpy==1.2.3.4",
        "The result was 3.1.4.1 and we rolled back to 2.7.1.8.",
        "[1.2.3.4] Scope\n[1.2.3.5] Liability",
        "1.1.1.1 Introduction\n1.1.1.2 Definitions",
        "| Version | Build |\n|---|---|\n| 10.2.1.4 | 4711 |\n| 110.2.1.5 | 4712 |",
        '<package id="Foo.Bar" version="13.0.3.1" />',
        'app_version="10.17.12.5"',
        "Upgraded redis 7.2.4.0 and app 10.12.0.5",
        "version -> 14.27.27.21, ver\n10.11.8.2",
        "netmask 255.255.255.0, release notes for 1.4.2.0, Android 8.1.0.2",
    ],
)
def test_versions_and_fingerprints_are_no_addresses(text: str) -> None:
    assert addresses(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "ping 4.2.2.2", "connection from 5.9.12.33 closed", "http://5.9.12.33/x", "root@5.9.12.33",
        "1.1.1.1 is fast", "5.9.12.33/24", "5.9.12.33:8080", "the result was 203.0.113.7", "10.4.3.2",
        "host;port\n5.9.12.33;22", "IP address\tVersion\n202.153.225.116\t3.1",
    ],
)  # fmt: skip
def test_an_address_of_small_numbers_needs_a_word_or_sign_of_addresses(text: str) -> None:
    assert len(addresses(text)) == 1
