import pytest

from genai.routing.replies import Replies
from genai.settings.answering import ReplySettings

REPLIES = Replies(
    [
        ReplySettings(to=("hello", "hi there", "good morning"), reply="Hello to you."),
        ReplySettings(to=("who are you", "what's your name"), reply="A program."),
        ReplySettings(to=("thanks", "thank you", "thank you so much"), reply="Welcome."),
    ]
)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("hello!", "Hello to you."),
        ("  HELLO ", "Hello to you."),
        ("Hellooooo :)", "Hello to you."),
        ("Hi there, good morning.", "Hello to you."),
        ("What\u2019s your name?", "A program."),
        ("Thank you so much!!", "Welcome."),
    ],
)
def test_a_message_of_known_phrases_only_gets_their_reply(text: str, reply: str) -> None:
    assert REPLIES.find(text) == reply


def test_the_last_phrase_decides() -> None:
    assert REPLIES.find("Hello! Who are you?") == "A program."


@pytest.mark.parametrize(
    "text",
    [
        "Hello, what does a card cost?",
        "who are you allowed to pay out to",
        "thank",
        "hi",
        "",
        "?!",
        "hello " * 100,
    ],
)
def test_anything_else_in_a_message_is_a_question(text: str) -> None:
    assert REPLIES.find(text) is None


def test_without_replies_everything_is_a_question() -> None:
    assert Replies(()).find("hello") is None
