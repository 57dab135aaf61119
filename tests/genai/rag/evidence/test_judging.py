from genai.embeddings.hashing import HashEmbedder
from genai.messages import Passage
from genai.rag.evidence.judging import Evidence, judge, weigh

FEES = Passage(
    document_id="fees",
    title="Fees",
    section="Gold card",
    text="The fee of the Gold card is 95 euros. It comes with a travel insurance.",
)
LOANS = Passage(document_id="loans", title="Loans", text="A loan runs for up to 84 months.")
OTHERS = (LOANS, Passage(document_id="atm", title="Cash", text="Cash machines give notes."))


async def weighed(question: str, *passages: Passage) -> Evidence:
    return await weigh(HashEmbedder(), question, passages, focus=5)


async def test_the_passage_and_the_sentence_that_answer_come_first() -> None:
    evidence = await weighed("What is the fee of the Gold card?", *OTHERS, FEES)

    best = evidence.passages[0]
    assert best.fit.passage is FEES
    assert best.units[0].unit.quote == "The fee of the Gold card is 95 euros."


async def test_a_question_that_the_passages_answer_is_more_certain_than_another() -> None:
    answered = await weighed("What is the fee of the Gold card?", FEES, *OTHERS)
    unanswered = await weighed("Who won the football match?", FEES, *OTHERS)

    assert answered.confidence > 0.8
    assert unanswered.confidence < 0.2


async def test_a_sentence_with_a_number_is_preferred_when_a_number_is_asked_for() -> None:
    text = "The limit can be changed in the app. The limit is 500 euros."
    limits = Passage(document_id="limits", title="Limits", text=text)

    evidence = judge("How much is the limit?", [limits], [(limits, [0.5, 0.5, 0.5, 0.45])])

    assert evidence.passages[0].units[0].unit.quote == "The limit is 500 euros."


async def test_no_passages_are_no_evidence() -> None:
    evidence = await weighed("Anything?")

    assert evidence.passages == ()
    assert evidence.confidence == 0.0


async def test_only_passages_in_focus_can_be_quoted() -> None:
    evidence = await weigh(HashEmbedder(), "The fee of the Gold card?", [LOANS, FEES], focus=1)

    assert [ranked.fit.passage for ranked in evidence.passages] == [LOANS]


async def test_a_passage_of_nothing_but_marks_is_passed_over() -> None:
    empty = Passage(document_id="d", title="T", text="# only a heading")

    assert (await weighed("fee", empty)).passages == ()


async def test_a_time_without_a_digit_answers_how_long() -> None:
    text = "Orders come from a branch. A transfer arrives on the next business day."
    times = Passage(document_id="times", title="Times", text=text)

    evidence = judge("How long does a transfer take?", [times], [(times, [0.5, 0.5, 0.5, 0.45])])

    best = evidence.passages[0].units[0].unit
    assert best.quote == "A transfer arrives on the next business day."
    assert evidence.features
    assert evidence.features.numberless == 0.0


async def test_a_product_that_the_passages_do_not_name_makes_an_answer_less_certain() -> None:
    named = await weighed("What is the fee of the Gold card?", FEES, *OTHERS)
    other = await weighed("What is the fee of the Platinum card?", FEES, *OTHERS)

    assert named.features
    assert other.features
    assert named.features.other_product == 0.0 < other.features.other_product
    assert other.confidence < named.confidence


async def test_where_no_word_of_a_question_is_missing_an_answer_is_more_certain() -> None:
    whole = await weighed("What is the fee of the Gold card?", FEES, *OTHERS)
    part = await weighed("What is the fee of the Gold card upstairs?", FEES, *OTHERS)

    assert whole.features
    assert part.features
    assert (whole.features.complete, part.features.complete) == (1.0, 0.0)
    assert part.confidence < whole.confidence


async def test_what_no_passage_supports_of_a_question_makes_an_answer_less_certain() -> None:
    asked = await weighed("What is the fee of the Gold card?", FEES, *OTHERS)
    more = await weighed("What is the fee of the Gold card in Brazil in 2019?", FEES, *OTHERS)

    assert asked.features
    assert more.features
    assert more.features.lacks.nowhere > asked.features.lacks.nowhere
    assert more.features.unmet.another_place == more.features.unmet.another_time == 1.0
    assert more.confidence < asked.confidence


VISITS = Passage(document_id="gym", title="Gym", text="A ten-visit card is valid for two years.")
CARDS = Passage(
    document_id="cards",
    title="Cards",
    text="A bank card stays valid through its renewal.",
    asked=("how is a bank card renewed?",),
)


def test_a_document_without_known_questions_answers_where_one_with_them_does_not() -> None:
    asked = "How long is the ten-visit card valid?"
    near = [(CARDS, [0.5, 0.5, 0.5, 0.8]), (VISITS, [0.4, 0.4, 0.6])]

    first = judge(asked, [CARDS, VISITS], near)
    second = judge(asked, [CARDS, VISITS], near, least=0.4)

    assert first.passages[0].fit.passage is CARDS
    assert first.confidence < 0.4
    assert second.passages[0].fit.passage is VISITS
    assert second.confidence > 0.4


def test_another_section_answers_how_long_where_the_best_one_tells_no_time() -> None:
    share = Passage(document_id="fraud", title="Fraud", text="You pay at most your share.")
    refund = Passage(
        document_id="fraud", title="Fraud", text="Your money comes back after fraud in 2 days."
    )
    asked = "How fast does my money come back after fraud?"
    near = [(share, [0.9, 0.9, 0.9]), (refund, [0.5, 0.5, 0.6])]

    assert judge(asked, [share, refund], near).passages[0].fit.passage is share
    assert judge(asked, [share, refund], near, least=0.4).passages[0].fit.passage is refund


def test_what_answers_at_first_is_not_exchanged_for_what_may_answer_better() -> None:
    near = [(FEES, [0.7, 0.7, 0.7, 0.3]), (LOANS, [0.2, 0.2, 0.2])]

    found = judge("What is the fee of the Gold card?", [FEES, LOANS], near, least=0.4)

    assert [one.fit.passage for one in found.passages] == [FEES, LOANS]


def test_a_passage_about_other_countries_answers_where_the_best_speaks_of_none() -> None:
    here = Passage(
        document_id="atm", title="Cash machine", text="A cash machine costs 1 euro here."
    )
    abroad = Passage(
        document_id="travel", title="Travel", text="A cash machine abroad costs 4 euros."
    )
    asked = "What does a cash machine in Tokyo cost?"
    near = [(here, [0.8, 0.8, 0.8]), (abroad, [0.6, 0.6, 0.6])]

    assert judge(asked, [here, abroad], near).passages[0].fit.passage is here
    assert judge(asked, [here, abroad], near, least=0.4).passages[0].fit.passage is abroad


def test_a_passage_that_says_what_a_thing_is_answers_where_the_best_only_speaks_of_it() -> None:
    changing = Passage(
        document_id="orders",
        title="Orders",
        text="You can change a standing order in the app.",
        asked=("change my standing order",),
    )
    said = Passage(document_id="orders", title="Orders", text="A standing order is a payment.")
    asked = "What is a standing order?"
    near = [(changing, [0.9, 0.9, 0.9, 0.1]), (said, [0.4, 0.4, 0.6])]

    first = judge(asked, [changing, said], near)
    second = judge(asked, [changing, said], near, least=0.7)

    assert first.passages[0].fit.passage is changing
    assert second.passages[0].fit.passage is said
    assert second.features
    assert second.features.defines == 1.0
