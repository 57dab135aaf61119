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


DESPAIR = ReplySettings(
    to=("kill myself", "don't want to live anymore"), reply="112", anywhere=True
)


@pytest.mark.parametrize(
    "text",
    [
        "I want to KILL myself because of my debts",
        "kill myself",
        "Hello. I don\u2019t want to live anymore! What does a card cost?",
        "so many debts " * 40 + "that I could kill myself",
    ],
)
def test_some_phrases_count_anywhere_in_a_message(text: str) -> None:
    assert Replies([DESPAIR]).find(text) == "112"


@pytest.mark.parametrize(
    "text", ["I skill myself", "kill, not myself", "I could kill a coffee", ""]
)
def test_other_words_around_them_do_not(text: str) -> None:
    assert Replies([DESPAIR]).find(text) is None


def test_without_replies_everything_is_a_question() -> None:
    assert Replies(()).find("hello") is None
