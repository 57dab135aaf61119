"""Checks that a query uses the personal data (placeholders) of the question."""

from genai.safety.placeholders import STANDS_FOR_DATA


def looks_for_data(question: str, query: str) -> bool:
    """Whether the query searches for every placeholder: *how many payments did <CREDIT_CARD_1_kqzvt>
    make* does not ask for all payments.

    Also true for an answer without a query.
    """
    return not query or all(found[0] in query for found in STANDS_FOR_DATA.finditer(question))
