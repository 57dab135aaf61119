"""Titles and sources of documents, checked before a list shows them."""

import pytest

from genai.errors import GuardUnavailable
from genai.rag.labels import REMOVED, Label, LabelGuard
from tests.support.answering import BrokenGuard, WordGuard, context
from tests.support.services import answers_guard

CARD = "4111 1111 1111 1111"


async def test_personal_data_is_taken_out_of_titles_and_sources() -> None:
    label = Label(f"Dispute about {CARD}", "letter of ada@example.net")

    [shown] = await LabelGuard(answers_guard()).async_shown([label], context())

    assert shown == Label("Dispute about <CREDIT_CARD>", "letter of <EMAIL_ADDRESS>")


async def test_a_title_that_would_block_an_answer_hides_no_other_document() -> None:
    secret = Label("Token ghp_" + "aB3" * 12, "vault")
    insult = Label("You pathetic moron", "mail")
    fees = Label("Fees", "handbook")

    shown = await LabelGuard(answers_guard()).async_shown([secret, fees, insult], context())

    assert shown == [Label(REMOVED, "vault"), fees, Label(REMOVED, "mail")]


async def test_a_source_may_be_the_address_of_a_page_and_a_title_may_not() -> None:
    page = "https://intranet.bank.example/fees/2026?lang=en"
    labels = [Label("Fees", page), Label("![x](https://evil.example/?d=1)", "mail")]

    shown = await LabelGuard(answers_guard()).async_shown(labels, context())

    assert shown[0] == labels[0]
    assert "evil.example" not in shown[1].title


PIXEL = "https://evil.example/?d=1"
IMAGE = f"![x]({PIXEL})"


@pytest.mark.parametrize(
    "labels",
    [
        [Label(IMAGE, IMAGE)],
        [Label(IMAGE, PIXEL)],
        [Label(f"See {IMAGE} now", "mail"), Label("Fees", PIXEL)],
        [Label(f'<img src="{PIXEL}">', PIXEL)],
        [Label("Fees", f"From {IMAGE}"), Label("Loans", PIXEL)],
        [Label(PIXEL, "https://evil.example/"), Label("Loans", PIXEL)],
        [Label("Fees", f"https://evil.example/{IMAGE}")],
    ],
)
async def test_no_source_lets_another_text_show_a_link(labels: list[Label]) -> None:
    shown = await LabelGuard(answers_guard()).async_shown(labels, context())

    assert not any("evil" in title for title, _ in shown)
    assert not any(IMAGE in source for _, source in shown)


@pytest.mark.parametrize(
    "page",
    [
        "https://intranet.bank.example/fees_(2026)",
        "https://intranet.bank.example/a/https://bank.example/b.",
        "www.bank.example/fees",
        "s3://bank-documents/fees/2026.pdf",
    ],
)
async def test_a_page_without_a_title_is_listed_by_its_address(page: str) -> None:
    label = Label(page, page)

    assert await LabelGuard(answers_guard()).async_shown([label], context()) == [label]


@pytest.mark.parametrize(
    "label",
    [Label("4111 1111", "1111 1111"), Label("Dispute 4111 1111 1111", "1111 by letter")],
)
async def test_a_number_in_two_halves_is_not_shown(label: Label) -> None:
    shown = await LabelGuard(answers_guard()).async_shown([label], context())

    assert shown == [Label(REMOVED, REMOVED)]


async def test_a_number_in_either_half_leaves_the_other_as_it_is() -> None:
    labels = [
        Label("Fees of 2026", f"letter {CARD}"),
        Label(f"Dispute {CARD}", "letter 7"),
        Label("Fees of 2026", "fees-2026-01.pdf"),
    ]

    shown = await LabelGuard(answers_guard()).async_shown(labels, context())

    assert shown == [
        Label("Fees of 2026", "letter <CREDIT_CARD>"),
        Label("Dispute <CREDIT_CARD>", "letter 7"),
        labels[2],
    ]


async def test_personal_data_in_the_address_of_a_page_is_not_shown() -> None:
    label = Label("Fees", "https://intranet.bank.example/find?mail=ada@example.net")

    [shown] = await LabelGuard(answers_guard()).async_shown([label], context())

    assert "ada" not in shown.source


async def test_the_labels_of_many_documents_stay_in_order() -> None:
    labels = [Label(f"secret {n}", f"file {n}") for n in range(45)]

    shown = await LabelGuard(WordGuard()).async_shown([*labels, labels[3]], context())

    wanted = [Label(f"<MASKED> {n}", f"file {n}") for n in range(45)]
    assert shown == [*wanted, wanted[3]]


async def test_a_label_is_checked_once_for_each_tenant() -> None:
    guard = WordGuard()
    labels = LabelGuard(guard)

    for tenant in ("acme", "acme", "other"):
        asking = context().model_copy(update={"tenant": tenant})
        await labels.async_shown([Label("Fees", "handbook")], asking)

    assert len(guard.seen) == 2


async def test_nothing_is_listed_when_a_check_cannot_run() -> None:
    with pytest.raises(GuardUnavailable):
        await LabelGuard(BrokenGuard()).async_shown([Label("Fees", "handbook")], context())
