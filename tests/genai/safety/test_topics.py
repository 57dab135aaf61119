import pytest

from genai.safety.topics import TopicsCheck

CHECK = TopicsCheck({"forecasts": ("stock tips", "price target"), "rivals": ("Other Bank",)})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Any stock tips today?", "forecasts"),
        ("STOCK   TIPS", "forecasts"),
        ("stock-tips", "forecasts"),
        ("st\u200bock tips", "forecasts"),
        ("what is the price\ntarget", "forecasts"),
        ("st**oc**k `ti`ps", "forecasts"),
        ("**stock** ~~tips~~", "forecasts"),
        ("_stock tips_ and __more__", "forecasts"),
        ("is other bank better?", "rivals"),
    ],
)
async def test_phrases_are_found_whatever_their_spelling(text: str, rule: str) -> None:
    scan = await CHECK.async_scan(text, "input")

    assert [finding.rule for finding in scan.findings] == [rule]
    assert scan.findings[0].replacement is None


async def test_phrases_need_not_be_plain_words() -> None:
    check = TopicsCheck({"doubt": ("don't wait", "prix garanti à"), "sign": ("buy $$$ now",)})

    for text in ("Don't wait!", "PRIX GARANTI À tous", "buy $$$ now"):
        assert len((await check.async_scan(text, "input")).findings) == 1
        held = await check.async_scan(text[:6], "output", final=False)
        assert held.safe_upto == 0


@pytest.mark.parametrize(
    "text", ["livestock tips", "stock tipster", "stock of tips", "another bank", "price targets"]
)
async def test_other_words_that_contain_a_phrase_pass(text: str) -> None:
    assert (await CHECK.async_scan(text, "input")).findings == ()


@pytest.mark.parametrize(
    ("text", "held"),
    [("our stock", "stock"), ("our stock tip", "stock tip"), ("our stoc", "stoc"),
     ("our stock is full", ""), ("our livestock", ""), ("some other ", "other "),
     ("our st**oc**", "st**oc**"), ("our *fees*", "")],
)  # fmt: skip
async def test_only_the_beginning_of_a_phrase_is_held_back(text: str, held: str) -> None:
    scan = await CHECK.async_scan(text, "output", final=False)

    assert text[scan.safe_upto :] == held
