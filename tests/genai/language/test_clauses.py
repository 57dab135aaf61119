import time

import pytest

from genai.language.clauses import LONGEST, cut_up, split_clauses
from genai.language.openings import asks_whether


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How many cards exist, and what does one cost?", ["How many cards exist?", "What does one cost?"]),
        ("How many cards exist? And what is a card?", ["How many cards exist?", "What is a card?"]),
        ("How many cards exist; by when can I pay?", ["How many cards exist?", "By when can I pay?"]),
        ("Block card 7, and what does a new card cost?", ["Block card 7.", "What does a new card cost?"]),
        ("how many cards exist & how many expired", ["How many cards exist?", "How many expired?"]),
        ("How many cards exist, what does one cost and who pays?",
         ["How many cards exist?", "What does one cost?", "Who pays?"]),
        ("How many cards exist? What does one cost? Thanks a lot!",
         ["How many cards exist?", "What does one cost?"]),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_one_question_ends_and_another_begins(
    text: str, parts: list[str]
) -> None:
    assert cut_up(text) == parts


@pytest.mark.parametrize(
    "lead",
    [
        "I'd like to know",
        "Could you please tell me",
        "Hi, I wonder",
        "please tell me",
        "we would like to learn",
        "I was wondering",
        "Do you know",
        "can you explain",
    ],
)
def test_words_that_lead_to_a_question_lead_to_all_of_them(lead: str) -> None:
    text = f"{lead} how many cards are blocked plus how long a dispute may take"

    assert cut_up(text) == ["How many cards are blocked?", "How long a dispute may take?"]


def test_after_a_lead_a_thing_is_asked_for_without_a_question_word() -> None:
    text = "Tell me the number of open disputes and whether I can open one"

    assert cut_up(text) == ["The number of open disputes?", "Whether I can open one?"]


@pytest.mark.parametrize(
    "text",
    [
        "What does a card and its PIN cost?",
        "What are the fees and limits of the gold card?",
        "Where are the terms and conditions?",
        "How do I block and replace my card?",
        "How many debit and credit cards are blocked?",
        "How many customers joined between January and March 2025?",
        "How many customers who live here and who have a loan are late?",
        "How do I know what I paid and what I still owe on my loan?",
        "Who pays a card that was stolen and is used by a thief?",
        "What happens when I move abroad and do not tell you?",
        "I lost my card and what now?",
        "My card is gone. What does a new card cost?",
        "Opened my account yesterday. When does the card come?",
        "Petrol station held 100 euros on my card. When do I get it back?",
        "Some stranger put 500 on my account, can I keep it?",
        "If I lose my card, can I get another one?",
        "I have a card, which is gold, and a loan. What does that cost?",
        "Who pays and how much for the surveyor?",
        "How much and how often may I withdraw cash?",
        "Block card 50003, it was stolen and I am abroad",
        "Block card 50003 and card 50004",
        "A thief took my card 7, used it in Porto and left. Who pays for that?",
        "My card 7 is damaged - it still works. Who replaces broken cards?",
        "One question: what does a card cost?",
        "How many?",
    ],
)
def test_a_single_question_is_not_split(text: str) -> None:
    assert cut_up(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "How many people live here and have a loan?",
        "How many people live here, and have any of the gold cards?",
        "Which people live here and have the gold card?",
        "Which people live here and had a card that has been blocked?",
        "How many accounts are in Porto and have had a payment?",
        "How many people are over 50 and have an account opened in 2024?",
        "How many people have a loan and are an owner of a house?",
        "Who lives here and is one of our oldest customers?",
        "Tell me how many people live here and have one loan.",
    ],
)
def test_a_second_condition_on_the_same_subject_is_no_clause(text: str) -> None:
    assert cut_up(text) == [text]


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("How many cards are blocked, and have all the owners been told?",
         "Have all the owners been told?"),
        ("How many loans are late and has a late fee been charged?",
         "Has a late fee been charged?"),
        ("What does a card cost and have the fees changed?", "Have the fees changed?"),
        ("How many loans are late and is a fee charged?", "Is a fee charged?"),
        ("How many loans are late? Have any been repaid?", "Have any been repaid?"),
    ],
)  # fmt: skip
def test_an_inverted_verb_with_its_participle_begins_a_question(text: str, second: str) -> None:
    assert cut_up(text)[1:] == [second]


def test_statements_before_the_questions_are_kept_with_each() -> None:
    text = "I've got a Plus account. What does a transfer abroad cost, and how much cash can I get?"

    clauses = split_clauses(text)

    assert [clause.text for clause in clauses] == [
        "What does a transfer abroad cost?",
        "How much cash can I get?",
    ]
    assert cut_up(text)[1] == "I've got a Plus account. How much cash can I get?"


def test_a_condition_applies_to_all_its_questions() -> None:
    text = "When I travel, what does cash cost and how do I pay by card?"

    assert cut_up(text)[1] == "When I travel, how do I pay by card?"


def test_a_shared_ending_of_two_counts_is_added_to_both() -> None:
    text = "how many customers and how many accounts do we have in Lisbon?"

    assert cut_up(text) == [
        "How many customers do we have in Lisbon?",
        "How many accounts do we have in Lisbon?",
    ]


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("Block card 50003 and unblock card 50004.", "Unblock card 50004."),
        ("Block card 50003 and cancel my standing order", "Cancel my standing order."),
        ("How many cards are blocked, and please block card 50003", "Block card 50003."),
        ("Block card 50003 and tell me what a new one costs.", "What a new one costs?"),
    ],
)
def test_a_second_order_is_a_separate_clause(text: str, second: str) -> None:
    assert cut_up(text)[1:] == [second]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("My card 7 was stolen, please block it and tell me what a new one costs",
         ["Block card 7.", "My card 7 was stolen, what a new one costs?"]),
        ("Card 7 was stolen: block it! How long does a new one take?",
         ["Block card 7.", "Card 7 was stolen, how long does a new one take?"]),
        ("I lost card 7 - block it and how do I get another card?",
         ["Block card 7.", "I lost card 7, how do I get another card?"]),
        ("Card 7 was stolen. Please block it and tell me the fee for a new one.",
         ["Block card 7.", "Card 7 was stolen. The fee for a new one?"]),
        ("Lost card 7, freeze it and say what a new one costs.",
         ["Freeze card 7.", "Lost card 7, what a new one costs?"]),
        ("Both my cards 7 and 8 were stolen; block them! What do new ones cost?",
         ["Block cards 7 and 8.", "Both my cards 7 and 8 were stolen, what do new ones cost?"]),
        ("Fraud on payment 1000001: dispute it, and who pays for that?",
         ["Dispute payment 1000001.", "Fraud on payment 1000001, who pays for that?"]),
        ("What does a new card cost? I lost card 7, please block it.",
         ["What does a new card cost? I lost card 7.", "Block card 7."]),
        ("What does a new card cost? Thanks, and please block card 7.",
         ["What does a new card cost? Thanks.", "Block card 7."]),
    ],
)  # fmt: skip
def test_an_order_after_a_statement_is_a_clause_of_its_own(text: str, parts: list[str]) -> None:
    orders_alone = [one.text if one.order else one.whole for one in split_clauses(text)]

    assert orders_alone == parts


def test_an_order_in_the_last_sentences_is_a_clause_of_its_own() -> None:
    def is_a_block(text: str) -> bool:
        return "block my" in text and "?" not in text

    text = "How do I get a new card? I lost mine. Please block my old one."

    assert [one.text for one in split_clauses(text, is_order=is_a_block)] == [
        "How do I get a new card?",
        "I lost mine. Please block my old one.",
    ]
    assert split_clauses("I lost my card. Please block my card.", is_order=is_a_block) == ()


def is_a_block(text: str) -> bool:
    return "block" in text.lower() and "?" not in text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Block my card and tell me what a new one costs",
         [("Block my card.", True), ("What a new one costs?", False)]),
        ("Block my card. What does a new one cost?",
         [("Block my card.", True), ("What does a new one cost?", False)]),
        ("I lost my card. Block it, and tell me what a new one costs.",
         [("I lost my card. Block it.", True), ("What a new one costs?", False)]),
        ("Tell me the fee for a letter and block my old card",
         [("The fee for a letter?", False), ("Block my old card.", True)]),
        ("How do I order a letter, and please block my old card",
         [("How do I order a letter?", False), ("Block my old card.", True)]),
    ],
)  # fmt: skip
def test_an_order_without_a_number_is_a_clause_of_its_own(
    text: str, parts: list[tuple[str, bool]]
) -> None:
    clauses = split_clauses(text, is_order=is_a_block)

    assert [(one.text, one.order) for one in clauses] == parts


@pytest.mark.parametrize(
    "text",
    [
        "Block my card, how do I do that?",
        "How do I log in and block my card?",
        "Should one go to the police and block the card?",
        "Where do people go to freeze and block a card?",
    ],
)
def test_how_to_do_it_oneself_is_no_order(text: str) -> None:
    assert not any(one.order for one in split_clauses(text, is_order=is_a_block))


def test_a_statement_that_asks_for_an_action_is_a_clause_of_its_own() -> None:
    def wants_a_block(text: str) -> bool:
        return "blocked" in text

    text = "Card 77 was stolen, I want it blocked. What does a new card cost?"
    howto = "I need my card blocked, how does that work and what does it cost?"

    [order, rule] = split_clauses(text, is_order=wants_a_block)

    assert (order.text, order.order) == ("Card 77 was stolen, I want it blocked.", True)
    assert (rule.text, rule.order) == ("What does a new card cost?", False)
    assert not any(one.order for one in split_clauses(howto, is_order=wants_a_block))


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("Give me the number of customers in Lisbon and the fee for a transfer.",
         "The fee for a transfer?"),
        ("What is the number of customers, as well as the fee for a transfer?",
         "The fee for a transfer?"),
        ("How long does a transfer abroad take and its fee?", "Its fee?"),
    ],
)  # fmt: skip
def test_a_second_noun_phrase_is_a_loose_clause(text: str, second: str) -> None:
    [_, loose] = split_clauses(text)

    assert (loose.text, loose.loose) == (second, True)
    assert cut_up(text) == [text]


def test_a_story_is_not_split() -> None:
    story = "I was there. " * 100

    assert split_clauses(f"{story}How many cards exist, and what does one cost?") == ()


def test_a_list_of_many_questions_is_not_split() -> None:
    assert split_clauses("What does a card cost? " * 5) == ()


@pytest.mark.parametrize(
    "part",
    [" ", "? and ", ", also ", "tell ", "and, what ", "\n", "a", "and the fee for ", "card 7 and ",
     "how many a ", "please ", "and i'd like to know "],
)  # fmt: skip
def test_splitting_takes_little_time_for_any_text(part: str) -> None:
    texts = [part * 32_000, (part * LONGEST)[:LONGEST]]
    started = time.process_time()

    for text in texts:
        split_clauses(text, is_order=lambda part: False)

    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("Is there interest on current accounts?", True),
        ("please, can I pay by card?", True),
        ("And does it cost anything?", True),
        ("Can you count the blocked cards?", False),
        ("How many cards are there?", False),
        ("Issued cards", False),
    ],
)
def test_yes_no_questions_are_recognised(text: str, whether: bool) -> None:
    assert asks_whether(text) is whether
