import ipaddress

import pytest

from genai.errors import InvalidInput
from genai.tools.web_address import CheckedResolver, Hosts, is_public


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "2002:7f00:1::",
        "2001:0:4136:e378::",
        "2001:db8::1",
    ],
)
def test_whatever_may_be_inside_is_not(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


HOSTS = Hosts(["rates.example.com", "*.bank.example", "odd.example:8443"])


@pytest.mark.parametrize(
    "url",
    [
        "https://rates.example.com/today?x=1",
        "https://RATES.example.com./",
        "https://a.b.bank.example/",
        "https://odd.example:8443/",
        "https://rates.example.com:443/",
    ],
)
def test_listed_hosts_may_be_asked(url: str) -> None:
    assert HOSTS.checked(url).host


@pytest.mark.parametrize(
    "url",
    [
        "http://rates.example.com/",
        "ftp://rates.example.com/",
        "file:///etc/passwd",
        "//rates.example.com/",
        "rates.example.com",
        "https://rates.example.com:8443/",
        "https://rates.example.com.evil.example/",
        "https://evil.example/rates.example.com",
        "https://evilbank.example/",
        "https://bank.example/",
        "https://rates.example.com@evil.example/",
        "https://user:pass@rates.example.com/",
        "https://evil.example#@rates.example.com/",
        "https://evil.example\\@rates.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://rates.example.com/\r\nHost: evil",
        "https://rates.example.com:99999/",
        "https://[::1",
        "https:///",
        "",
        "https://rates.example.com/" + "a" * 3000,
    ],
)
def test_no_other_address_passes(url: str) -> None:
    with pytest.raises(InvalidInput):
        HOSTS.checked(url)


async def test_a_name_with_one_private_address_among_public_ones_is_not_reached() -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(OSError, match="no address"):
        await CheckedResolver(lookup, is_public).resolve("rates.example.com", 443)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["8.8.8.8"]

    [found] = await CheckedResolver(lookup, is_public).resolve("rates.example.com", 443)

    assert (found["host"], found["port"], found["hostname"]) == (
        "8.8.8.8",
        443,
        "rates.example.com",
    )
