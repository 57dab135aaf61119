import pytest

from benchmarks.safety.exfiltration import forms
from genai.safety.links.check import LinksCheck, bare, links_in

HOST, DATA = "evil.example", "4111NINE"
CHECK = LinksCheck("redact", ("bank.example", "*.bank.example"))


async def redacted(text: str, check: LinksCheck = CHECK) -> str:
    parts, position = [], 0
    for found in (await check.async_scan(text, "output")).findings:
        parts += [text[position : found.start], found.replacement or ""]
        position = found.end
    return "".join([*parts, text[position:]])


@pytest.mark.parametrize("form", forms(HOST, DATA))
async def test_no_form_of_a_link_carries_data_out(form: str) -> None:
    shown = await redacted(form)

    assert "<LINK>" in shown
    assert not links_in([shown])


@pytest.mark.parametrize(
    "text",
    [
        "See https://bank.example/cards?tab=1#top.",
        "See https://www.bank.example:443/cards, http://bank.example and bank.example/cards.",
        "![logo](https://bank.example/logo.png) and [cards](/cards) and [top](#top)",
        '<a href="https://bank.example/cards">cards</a> <b>bold</b><br>',
        "EUR 4.90, e.g. 3.5 or z.B. this; and/or, 24/7: Note: Mo.-Fr. 9:00-17:30; node.js; U.S. law",
        "Inc./Ltd., S.A./N.V., 12:30/13:00, Std./Woche, a < b, x <y and z>, C:\\Users\\x, AT&T, R&D;",
        "Visit amazon.com or write to anna.b@example.com; v1.2.3 came.Then it went.",
        "12.05.2024/13.05.2024, 3.5/4.5, 10.0.0.1, section 4.1/a, http and https: yes, TCP/IP, :/ and ://",
        '{"id\\/number":"12","a":[1]}',
        "https://bank.example/search?q=amazon.com&next=/cards and https://bank.example/a//b?to=%2Fcards",
        "https://bank.example/r?url=https://www.bank.example:443/cards#//top",
        "Откройте счёт в г. Москва, ул. Ленина, д. 5/7. Т.е. 3 руб./мес., и т.д.",  # noqa: RUF001
        "https://bank.example/files/report.pdf and bank.example/app.min.js?v=3",
        "您的账户没有月费。您好\uff1a请看第3页\uff0f第4页。",
        "const f = (a) => a?.b / c; // next line\nx = y[0](z)",
    ],
)
async def test_allowed_links_and_what_is_no_link_stay(text: str) -> None:
    assert await redacted(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://bank.example.evil.example/",
        "https://xbank.example/",
        "https://bank.example\\.evil.example/",
        "//bank.example:80@evil.example/",
        "ftp://bank.example/",
        "https://bank.example/r?to=//bank.example:80@evil.example/",
        "https://bank.example/r?to=https:bank.example:x@evil.example/",
        "https://bank.example/r?to=//bank.example\\@evil.example/",
        "https://bank.example/r?to=//3221226219/",
        "https://bank.example/r?to=https%2525253A%2525252F%2525252Fevil.example",
    ],
)
async def test_an_address_that_only_looks_allowed_goes(address: str) -> None:
    assert await redacted(f"see {address} now") == "see <LINK> now"


async def test_a_star_does_not_stand_for_the_host_itself() -> None:
    check = LinksCheck("redact", ("*.bank.example",))

    assert await redacted("https://a.bank.example/ https://bank.example/", check) == (
        "https://a.bank.example/ <LINK>"
    )


async def test_a_link_may_block() -> None:
    found = (await LinksCheck("block").async_scan("https://evil.example/", "output")).findings

    assert [finding.replacement for finding in found] == [None]


def test_links_are_compared_without_their_brackets() -> None:
    assert links_in(["[a](https://x.example/1) and https://x.example/2."]) == {
        "https://x.example/1",
        "https://x.example/2",
    }
    assert bare("(https://x.example/1)") == "https://x.example/1"
