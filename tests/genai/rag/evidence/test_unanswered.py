from genai.rag.evidence.unanswered import nearest

PAST = (0.9, "what did the account cost in 2019")
OTHER = (0.7, "what is the price of the Silver account?")


def test_what_asks_for_another_number_or_for_the_past_is_another_question() -> None:
    asked = "What does the account cost?"

    assert nearest(asked, [OTHER, PAST]) == OTHER
    assert nearest(asked, [PAST, (0.8, "the cost of account 7")]) == (0.0, "")
    assert nearest(asked, [(0.8, "what did the account cost before")]) == (0.0, "")


def test_who_asks_for_the_same_number_and_time_is_taken_at_the_word() -> None:
    assert nearest("What did the account cost in 2019?", [OTHER, PAST]) == PAST


def test_what_asks_for_less_than_a_known_question_in_the_same_words_is_another_one() -> None:
    known = [(0.9, "contactless limit of other banks"), (0.5, "limit of a gift card")]

    assert nearest("What is the contactless limit?", known) == known[1]
    assert nearest("What is the contactless limit of other banks?", known) == known[0]
    assert nearest("What is the tap limit?", known) == known[0]


def test_nothing_known_is_like_nothing() -> None:
    assert nearest("What does the account cost?", []) == (0.0, "")
