"""Irreversible redaction of personal data and secrets, for texts that are stored or sent elsewhere."""

from functools import cache

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import Recognizer, without
from genai.safety.secrets import Secrets


def cleaned(text: str) -> str:
    """The text with each finding replaced by its kind, such as ``<CREDIT_CARD>``."""
    return without(text, _recognizers())


@cache
def _recognizers() -> tuple[Recognizer, ...]:
    return (Identifiers(), Secrets())
