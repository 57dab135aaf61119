"""The console in a real browser, before the whole HTTP face with stand-ins behind it."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deployments.api.app import build_http_app
from genai.errors import BackendFailed
from genai.rag.formats.media_types import EXTENSIONS
from tests.support.browser import chromium
from tests.support.http_server import served
from tests.support.services import KEY, Fakes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SCRIPT = "<img src=x onerror=\"document.title='taken over'\">"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def page(browser: Browser, fakes: Fakes) -> Iterator[Page]:
    """The console with a key in use. A page that reports an error, or asks another host, fails."""
    with served(build_http_app(fakes.services())) as url:
        context = browser.new_context()
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((url, "data:")) else troubles.append(request.url)
            ),
        )
        page.goto(f"{url}/console")
        page.get_by_label("API key").fill(KEY)
        page.get_by_role("button", name="Use").click()
        yield page
        context.close()
        assert troubles == []


def ask(page: Page, question: str = "What does a card cost?") -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).last.click()


def test_a_key_is_tried_when_it_is_given(page: Page) -> None:
    expect(page.locator("#key output")).to_contain_text("models")

    page.get_by_label("API key").fill("sk-wrong")
    page.get_by_role("button", name="Use").click()

    expect(page.locator("#key output")).to_have_text("the API key is not valid")


def test_an_answer_shows_its_text_its_quotes_its_steps_and_its_price(page: Page) -> None:
    ask(page)

    answer = page.get_by_role("article")
    expect(answer.locator(".text")).to_have_text("Twelve dollars.")
    expect(answer.locator(".facts")).to_contain_text("rag, by extractive")
    expect(answer.locator(".facts")).to_contain_text("10 tokens")
    expect(answer.locator(".facts")).to_contain_text("$0.000020")
    answer.locator("details").first.click()
    expect(answer.locator("blockquote").first).to_be_visible()


def test_the_next_question_stays_in_the_session(page: Page, fakes: Fakes) -> None:
    for _ in range(2):
        ask(page)
        expect(page.locator(".facts").last).to_be_visible()
        expect(page.locator("#stop")).to_be_hidden()

    first, second = fakes.assistant.questions
    assert first.session_id == second.session_id

    page.get_by_role("button", name="New session").click()
    ask(page)
    expect(page.locator(".facts")).to_have_count(1)
    assert fakes.assistant.questions[2].session_id != first.session_id


def test_what_the_model_says_is_text_and_never_markup(page: Page, fakes: Fakes) -> None:
    fakes.assistant.tokens = (SCRIPT,)

    ask(page, SCRIPT)

    expect(page.locator(".text")).to_have_text(SCRIPT)
    expect(page.locator(".asked")).to_have_text(SCRIPT)
    assert page.locator("article img").count() == 0
    assert page.title() == "GenAI Factory"


def test_an_answer_that_breaks_off_keeps_its_beginning_and_says_why(
    page: Page, fakes: Fakes
) -> None:
    fakes.assistant.error, fakes.assistant.error_after = BackendFailed("the model broke off"), 2

    ask(page)

    expect(page.get_by_role("alert")).to_contain_text("the model broke off")
    expect(page.locator(".text")).to_have_text("Twelve dollars")


def test_an_answer_can_be_stopped(page: Page, fakes: Fakes) -> None:
    fakes.assistant.hold = asyncio.Event()

    ask(page)
    expect(page.locator(".text")).to_have_text("Twelve")
    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_role("alert")).to_have_text("stopped")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_rating_reaches_the_service(page: Page, fakes: Fakes) -> None:
    ask(page)
    page.get_by_role("button", name="A bad answer").click()

    expect(page.get_by_text("Thank you.")).to_be_visible()
    [(_, user, feedback)] = fakes.feedback.given
    assert (user, feedback.rating) == ("ada", "down")


def test_documents_are_stored_listed_and_deleted(page: Page, fakes: Fakes) -> None:
    page.get_by_role("button", name="Documents").click()
    page.get_by_label("Title").fill("Card fees")
    page.get_by_label("Text, in Markdown").fill("A card costs 12 dollars.")
    page.get_by_role("button", name="Store").click()

    row = page.get_by_role("row").filter(has_text="Card fees")
    expect(row).to_have_count(1)
    [document] = fakes.documents.stored.values()
    assert document.text == "A card costs 12 dollars."

    page.get_by_role("button", name="Delete Card fees").click()
    expect(row).to_have_count(0)
    assert fakes.documents.stored == {}


def test_a_file_takes_the_place_of_the_text(page: Page, fakes: Fakes) -> None:
    page.get_by_role("button", name="Documents").click()
    told = {"name": "fees.csv", "mimeType": "text/csv", "buffer": b"card,fee\nGold,12\n"}
    page.get_by_label("or a file").set_input_files(told)  # type: ignore[arg-type]
    expect(page.get_by_label("Text, in Markdown")).to_be_disabled()
    page.get_by_role("button", name="Store").click()

    expect(page.get_by_role("row").filter(has_text="fees.csv")).to_have_count(1, timeout=60_000)
    [document] = fakes.documents.stored.values()
    assert "Gold" in document.text
    expect(page.get_by_label("Text, in Markdown")).to_be_enabled()


def test_every_format_that_is_read_can_be_chosen(page: Page) -> None:
    page.get_by_role("button", name="Documents").click()

    accepted = page.get_by_label("or a file").get_attribute("accept")
    assert set((accepted or "").split(",")) == EXTENSIONS.keys()


def open_approvals(page: Page) -> Locator:
    page.get_by_role("button", name="Approvals").click()
    card = page.locator("#approvals article")
    expect(card).to_contain_text("pending")
    return card


def test_an_act_is_approved_as_it_was_asked_for(page: Page, fakes: Fakes) -> None:
    card = open_approvals(page)
    with page.expect_response("**/v1/approvals/*"):
        card.get_by_role("button", name="Approve").click()

    assert fakes.approvals.decided == ("approve", "", "")


def test_what_was_changed_on_the_screen_is_what_is_approved(page: Page, fakes: Fakes) -> None:
    card = open_approvals(page)
    card.get_by_role("textbox").first.fill('{"card_id": 8}')
    with page.expect_response("**/v1/approvals/*"):
        card.get_by_role("button", name="Approve").click()

    assert fakes.approvals.decided == ("edit", '{"card_id":8}', "")


def test_arguments_that_are_no_json_are_not_sent(page: Page, fakes: Fakes) -> None:
    card = open_approvals(page)
    card.get_by_role("textbox").first.fill("card 7")
    card.get_by_role("button", name="Approve").click()

    expect(page.locator("#approvals output")).to_contain_text("JSON")
    assert fakes.approvals.decided is None


def test_a_rejection_tells_the_agent_why(page: Page, fakes: Fakes) -> None:
    card = open_approvals(page)
    card.get_by_label("Comment").fill("ask the customer first")
    with page.expect_response("**/v1/approvals/*"):
        card.get_by_role("button", name="Reject").click()

    assert fakes.approvals.decided == ("reject", "", "ask the customer first")


def test_whoever_asked_can_withdraw_it(page: Page, fakes: Fakes) -> None:
    card = open_approvals(page)
    with page.expect_response("**/v1/approvals/*") as answered:
        card.get_by_role("button", name="Withdraw").click()

    assert answered.value.request.method == "DELETE"
    assert answered.value.ok


def test_usage_is_a_table_with_its_sum(page: Page) -> None:
    page.get_by_role("button", name="Usage").click()

    expect(page.get_by_role("row").filter(has_text="2026-01-02")).to_contain_text("1.500000")
    expect(page.locator("#usage output")).to_have_text("$1.500000 in all")
