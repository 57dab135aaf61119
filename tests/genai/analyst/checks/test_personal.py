from genai.analyst.checks.personal import looks_for_data

ASKED = "How many transactions did the card <CREDIT_CARD_1_kqzvt> make?"


def test_a_query_that_drops_whose_figure_is_asked_does_not_look_for_it() -> None:
    assert not looks_for_data(ASKED, "SELECT COUNT(*) FROM transactions WHERE channel = 'card'")
    assert looks_for_data(ASKED, "SELECT COUNT(*) FROM t WHERE n = '<CREDIT_CARD_1_kqzvt>'")
    assert looks_for_data("How many cards are there?", "SELECT COUNT(*) FROM cards")
    assert looks_for_data(ASKED, "")
