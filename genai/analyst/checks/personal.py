"""Does a query look for the personal data of the question, in place of which placeholders stand?"""

from genai.safety.placeholders import STANDS_FOR_DATA


def looks_for_data(question: str, query: str) -> bool:
    """*How many payments did <CREDIT_CARD_1_kqzvt> make* is not how many payments there are.

    An answer without a query looks for nothing, and is none.
    """
    return not query or all(found[0] in query for found in STANDS_FOR_DATA.finditer(question))
