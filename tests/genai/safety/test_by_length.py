from genai.safety.by_length import ByLength
from genai.settings.safety import SafetySettings
from tests.support.answering import WordGuard, context

LONG = "a word " * 20


async def test_a_short_text_is_checked_where_it_is() -> None:
    here, elsewhere = WordGuard(), WordGuard()
    guard = ByLength(here, elsewhere, most_chars=20)

    verdict = await guard.async_inspect("a bomb", "input", context())

    assert verdict.action == "block"
    assert (here.seen, elsewhere.seen) == ([("input", "a bomb")], [])


async def test_a_long_text_is_checked_elsewhere() -> None:
    here, elsewhere = WordGuard(), WordGuard()
    guard = ByLength(here, elsewhere, most_chars=20)

    verdict = await guard.async_inspect(LONG, "input", context())

    assert verdict.action == "allow"
    assert (here.seen, elsewhere.seen) == ([], [("input", LONG)])


async def test_without_any_length_every_text_is_checked_elsewhere() -> None:
    here, elsewhere = WordGuard(), WordGuard()

    await ByLength(here, elsewhere, most_chars=0).async_inspect("a", "input", context())

    assert here.seen == []


def test_questions_stay_where_they_came_to_only_while_every_check_is_light() -> None:
    hub = {"injection": {"classifier": "org/some-transformer"}}
    heavy_for_some = {"policies": [{"tenants": ["acme"], "checks": hub}]}

    assert SafetySettings().chars_here == SafetySettings().here_up_to_chars > 0
    assert SafetySettings.model_validate(hub).chars_here == 0
    assert SafetySettings.model_validate(heavy_for_some).chars_here == 0
    assert SafetySettings(names="presidio").chars_here == 0
