import pytest

from genai.base.prompt import TOKENS_PER_MESSAGE, estimate_message_tokens, estimate_tokens
from genai.messages import Message

ENGLISH = "The fee of the Gold card is charged in May, unless the account was closed before. "


def test_an_estimate_is_on_the_safe_side_and_not_far_off() -> None:
    words = len(ENGLISH.split())

    assert words < estimate_tokens(ENGLISH) < 2 * words


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcdefg", 3), ("é" * 7, 5)])
def test_every_text_but_the_empty_one_has_tokens(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_a_conversation_takes_more_than_its_texts() -> None:
    said = [Message(role="user", content=ENGLISH), Message(role="assistant", content="")]

    assert estimate_message_tokens(said) == estimate_tokens(ENGLISH) + 2 * TOKENS_PER_MESSAGE
    assert estimate_message_tokens([]) == 0
