"""Checks that a query uses the personal data (placeholders) of the question."""

from genai.safety.placeholders import STANDS_FOR_DATA


def looks_for_data(question: str, query: str) -> bool:
    """*How many payments did <CREDIT_CARD_1_kqzvt> make* is not how many payments there are.

    An answer without a query looks for nothing, and is none.
    """
    return not query or all(found[0] in query for found in STANDS_FOR_DATA.finditer(question))
