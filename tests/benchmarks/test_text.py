from benchmarks.text import CHARACTERS, QUESTION, echo, words_in
from genai.llms.scripted import ScriptedLLM
from genai.messages import ChatRequest, Message, RequestContext, Sampling
from genai.settings.models import ScriptedSettings


def test_the_question_is_plain_prose_of_about_a_thousand_characters() -> None:
    assert CHARACTERS - 20 < len(QUESTION) <= CHARACTERS
    assert "  " not in QUESTION
    assert not any(character.isdigit() for character in QUESTION)


def test_words_are_counted_however_the_text_was_cut() -> None:
    text = echo(QUESTION, 300)

    for size in (1, 7, 1000):
        parts = [text[start : start + size] for start in range(0, len(text), size)]
        assert 1 + sum(map(words_in, parts)) == 300


async def test_the_scripted_model_says_what_the_echo_expects() -> None:
    llm = ScriptedLLM("bank", ScriptedSettings(backend="scripted", tokens=1000))
    context = RequestContext(request_id="r", tenant="t", user="u", deadline=float("inf"))
    question = Message(role="user", content=QUESTION)

    request = ChatRequest(messages=(question,), context=context, sampling=Sampling(max_tokens=200))

    assert (await llm.async_chat(request)).text == echo(QUESTION, 200)
