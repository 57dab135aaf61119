import pytest

from genai.messages import RequestContext
from genai.safety.guard import ChecksGuard
from genai.safety.stream import StreamGuard
from genai.safety.toxicity import ToxicityCheck, words_of

CHECK = ToxicityCheck("redact", 0.2)
CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)


@pytest.mark.parametrize(
    "text", ["you pathetic moron", "Shut up, you dumbass!", "All of them are scumbags and liars."]
)
async def test_insults_are_found_and_scored(text: str) -> None:
    (finding, *_) = (await CHECK.async_scan(text, "output")).findings

    assert finding.rule == "toxic"
    assert 0.2 <= finding.score <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Your transfer was rejected because the account is closed.",
        "We are sorry that you had to wait so long. Please complain to the ombudsman.",
        "Kill the app, clear the cache, and start it again.",
        "The loan is dead after ten years; the debt dies with it.",
        "您的账户没有月费",
    ],
)
async def test_answers_of_a_bank_pass(text: str) -> None:
    assert (await CHECK.async_scan(text, "output")).findings == ()


async def test_a_stream_is_cut_at_the_word_that_shows_it() -> None:
    guard = ChecksGuard({"output": [CHECK]}, timeout_s=1)
    text = "The fee is EUR 5. Shut up, you dumbass! Thank you."
    finding, *_ = (await CHECK.async_scan(text, "output")).findings

    async def letters():  # type: ignore[no-untyped-def]
        for letter in text:
            yield letter

    shown = [part async for part in StreamGuard[str](guard, CONTEXT).async_filter(letters())]

    assert "".join(shown) == f"{text[: finding.start]}<REMOVED>{text[finding.end :]}"
    assert text[finding.start :].startswith(("Shut", "dumbass"))


def test_a_text_in_plain_letters_has_the_same_words_as_any_other() -> None:
    text = "You #%&! f*ck-wit, it's @home\x1f(a$$) 100% | no_way\tso; x.y"

    assert [*words_of(text), "caf\u00e9"] == words_of(f"{text} caf\u00e9")
