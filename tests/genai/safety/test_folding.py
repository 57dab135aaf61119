import pytest

from genai.factory.safety_factory import build_guard
from genai.safety.folding import folded, readings, tail
from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import without
from genai.settings.safety import SafetySettings
from tests.support.answering import context

GUARD = build_guard(SafetySettings())
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
KEY = "AKIAIOSFODNN7EXAMPLE"


def test_text_without_such_characters_is_not_copied() -> None:
    for text in ("plain 4111", "Straße, café, 您的账户"):
        assert folded(text).text is text
        assert folded(text).starts is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("plain text", "text"),
        ("plain \\u0074ext", "\\u0074ext"),
        ("a&#32;&#116;&#101;xt", "&#116;&#101;xt"),
        ("so t\u200b\u200bex\u200bt", "t\u200b\u200bex\u200bt"),
        ("xt", "xt"),
        ("\\u0074xt", "\\u0074xt"),
        ("", ""),
    ],
)
def test_the_end_of_a_text_is_as_long_as_it_is_read(text: str, end: str) -> None:
    assert tail(text, 4) == end


@pytest.mark.parametrize("card", ["④①①①①①①①①①①①①①①①", "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15])
def test_digits_in_circles_and_keycaps_are_read(card: str) -> None:
    assert without(f"it is {card}", [Identifiers()]).startswith("it is <CREDIT_CARD>")


def test_the_end_of_a_text_is_bounded_whatever_is_in_it() -> None:
    assert len(tail("\u200b" * 10_000, 64)) <= 64 * 16


def test_a_place_is_found_again_in_the_original() -> None:
    text = "a \uff14\u200b\u200b1 b"
    read = folded(text)

    assert read.text == "a 41 b"
    assert text[slice(*read.place(2, 4))] == "\uff14\u200b\u200b1"
    assert read.position(len(read.text)) == len(text)


@pytest.mark.parametrize(
    "spelt",
    [
        "4111.1111.1111.1111",
        "4111\u20131111\u20131111\u20131111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111, 1111, 1111, 1111",
        "4111 1111\n1111 1111",
        "4111\n1111\n1111\n1111",
        "4111 - 1111 - 1111 - 1111",
        "3782/822463/10005",
        "x4111111111111111x",
        "4111111111111111_",
        "4111 1111 1111 1111".translate(FULL_WIDTH),
        "\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 "
        "\u0661\u0661\u0661\u0661",
        "\u200b".join("4111111111111111"),
        "4111\u200b1111\u200b1111\u200b1111",
        "4111\u30001111\u30001111\u30001111",
        "GB29\u200bNWBK60161331926819",
        "GB29NWBK60161331926819".translate(FULL_WIDTH),
        "GB29.NWBK.6016.1331.9268.19",
        "GB29 NWBK 6016\n1331 9268 19",
        "john.doe\u200b@corp.com",
        "john.doe\uff20corp.com",
        "john.doe @ corp.com",
        "john.doe (at) corp (dot) com",
        "john[at]corp[dot]com",
        "john.doe(at)corp.com",
    ],
)
@pytest.mark.parametrize("stage", ["input", "output"])
async def test_disguised_personal_data_is_taken_out(spelt: str, stage: str) -> None:
    verdict = await GUARD.async_inspect(f"my card: {spelt}, ok", stage, context())  # type: ignore[arg-type]

    assert verdict.text.startswith("my card: ")
    assert verdict.text.endswith(", ok")
    assert not any(part in folded(verdict.text).text for part in ("1111", "822463", "6016", "corp"))


@pytest.mark.parametrize(
    "text",
    [
        "Sums: 4500, 3200, 1850, 2110 and 4111, 1111, 1111, 1111",
        "4111.1111.1111.1112",
        "The years 2019/2020/2021/2022",
        "version 4.11.1.1, 10\u201315 days, pages 3\u20135",
        "meet me @ noon, we are at example.com",
        "the office (at the corner) is open",
        "| 4111 | 1111 | 1111 | 1111 | 4500 |",
    ],
)
def test_lists_and_prose_stay_as_they_are(text: str) -> None:
    assert without(text, (Identifiers(),)) == text


@pytest.mark.parametrize(
    "text",
    [
        "AKIA\u200bIOSFODNN7EXAMPLE",
        KEY.translate(FULL_WIDTH),
        "MIIEpAIBAAKCAQEA" + "x1Yz" * 12 + "\n" + "a2Bc" * 16 + "\n",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + "x1Yz" * 8,
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ" + "x1Yz" * 8,
    ],
)
async def test_disguised_secrets_are_found(text: str) -> None:
    verdict = await GUARD.async_inspect(f"it is {text} there", "output", context())

    assert verdict.action == "block"


async def test_a_certificate_is_no_secret() -> None:
    verdict = await GUARD.async_inspect("MIIDXTCCAkWgAwIBAgIJAK" + "x1Yz" * 8, "output", context())

    assert verdict.action == "allow"


ESCAPED = (
    r"\u0034111 1111 1111 1111",
    r"4111\n1111\n1111\n1111",
    r"4111\t1111\t1111\t1111",
    r"4111\/1111\/1111\/1111",
    r"4111\\n1111\\n1111\\n1111",
    r"\\u0034\\u0031\\u0031\\u0031 1111 1111 1111",
    r"\ud835\udfd2111111111111111",
    r"\uff14111111111111111",
    r"4111\u00a01111\u00a01111\u00a01111",
    r"4111\x201111\x201111\x201111",
    r"4111\-1111\-1111\-1111",
    "&#52;111 1111 1111 1111",
    "4111&nbsp;1111&nbsp;1111&nbsp;1111",
    "4111&#x20;1111&#x20;1111&#x20;1111",
    "4111%201111%201111%201111",
    r"GB29\u0020NWBK\u00206016\u00201331\u00209268\u002019",
    r"anna\u0040example.com",
    r"078\u002d05-1120",
)


@pytest.mark.parametrize("spelt", ESCAPED)
@pytest.mark.parametrize("around", ['{"a": "%s", "b": 1}', "it is %s, ok"])
async def test_personal_data_behind_escapes_is_taken_out_exactly(spelt: str, around: str) -> None:
    before, _, after = around.partition("%s")
    verdict = await GUARD.async_inspect(before + spelt + after, "output", context())

    assert verdict.text.startswith(before + "<")
    assert verdict.text.endswith(">" + after)


@pytest.mark.parametrize("text", [r"C:\new\table\users", r"\d{4} \w+ \\n", "AT&T; 5% of 20%, R&D"])
async def test_other_backslashes_and_signs_stay(text: str) -> None:
    assert (await GUARD.async_inspect(text, "output", context())).text == text


@pytest.mark.parametrize(
    "text", [r"AKI\u0041IOSFODNN7EXAMPLE", r"shut up you d\u0075mbass", r"stock\u0020tips"]
)
async def test_what_blocks_blocks_behind_escapes_too(text: str) -> None:
    guard = build_guard(SafetySettings(blocked_topics={"forecasts": ("stock tips",)}))

    assert (await guard.async_inspect(f'{{"a": "{text}"}}', "output", context())).action == "block"


def test_an_unfinished_escape_is_not_read_before_it_ends() -> None:
    for begun in ("\\", r"\u", r"\u003", r"\ud835", r"\ud835\udf", "&", "&#5", "&nbs", "%", "%2"):
        *_, decoded = readings("ab" + begun, final=False)

        assert decoded.text == "ab"
        assert decoded.position(2) == 2
