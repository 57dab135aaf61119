"""A text without personal data and secrets, for good: for what is kept, or told to somebody else."""

from functools import cache

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import Recognizer, without
from genai.safety.secrets import Secrets


def cleaned(text: str) -> str:
    """With its kind in place of each, such as ``<CREDIT_CARD>``."""
    return without(text, _recognizers())


@cache
def _recognizers() -> tuple[Recognizer, ...]:
    return (Identifiers(), Secrets())
