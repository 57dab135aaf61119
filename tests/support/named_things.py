"""Names that questions hold, as the mentions that the checks of the analyst work with."""

import re
from datetime import date

from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import find_periods

KINDS = {
    "colour": ("red", "blue", "green"),
    "size": ("large", "small"),
    "city": ("Rome", "Oslo"),
}


def find(question: str) -> tuple[Mention, ...]:
    """Colours, sizes, cities and times."""
    found = [
        Mention(match.start(), match.end(), {kind: name}, match[0])
        for kind, names in KINDS.items()
        for name in names
        for match in re.finditer(rf"\b{name}\b", question, re.IGNORECASE)
    ]
    found += [
        Mention(start, end, {"period": period}, question[start:end])
        for start, end, period in find_periods(question, date(2026, 6, 30))
    ]
    return tuple(sorted(found, key=lambda mention: mention.start))
