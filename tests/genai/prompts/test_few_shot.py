from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.prompts.few_shot import FewShotPrompt, PromptExample, read_prompt_examples
from genai.prompts.template import TextPrompt

PROMPT = TextPrompt("""---
name: greeting
version: 2
---
[system]
Be kind to {{name}}.
[user]
{{name}} says: {{words}}
""")
HI = PromptExample(variables={"name": "Bob", "words": "hi"}, reply="Hi, Bob!")
BYE = PromptExample(variables={"name": "Cy", "words": "bye"}, reply="Farewell, Cy!")
LONG = PromptExample(variables={"name": "Dee", "words": "word " * 500}, reply="Oh.")


def shown(*examples: PromptExample, max_tokens: int = 100) -> list[tuple[str, str]]:
    prompt = FewShotPrompt(PROMPT, examples, max_tokens=max_tokens)
    messages = prompt.render(name="Ada", words="hello")
    assert messages[0].content == "Be kind to Ada."
    assert messages[-1].content == "Ada says: hello"
    return [(message.role, message.content) for message in messages[1:-1]]


def test_examples_are_turns_before_the_question() -> None:
    assert shown(HI, BYE) == [
        ("user", "Bob says: hi"),
        ("assistant", "Hi, Bob!"),
        ("user", "Cy says: bye"),
        ("assistant", "Farewell, Cy!"),
    ]


def test_the_first_examples_that_fit_are_shown() -> None:
    assert shown(HI, LONG, BYE) == shown(HI)
    assert shown(HI, BYE, max_tokens=20) == shown(HI)
    assert shown(HI, max_tokens=1) == []


def test_examples_count_in_the_estimate() -> None:
    few = FewShotPrompt(PROMPT, (HI, BYE), max_tokens=100)

    less = PROMPT.estimate_tokens(name="Ada", words="hello")
    assert less < few.estimate_tokens(name="Ada", words="hello") <= less + 100


def test_it_has_the_name_and_the_version_of_its_prompt() -> None:
    prompt = FewShotPrompt(PROMPT, (HI,), max_tokens=100)

    assert (prompt.name, prompt.version) == ("greeting", "2")


@pytest.mark.parametrize("given", [{"name": "Bob"}, {"name": "Bob", "words": "hi", "mood": "x"}])
def test_an_example_with_other_variables_than_the_question_is_misconfigured(
    given: dict[str, str],
) -> None:
    with pytest.raises(Misconfigured, match="greeting"):
        FewShotPrompt(PROMPT, (PromptExample(variables=given, reply="?"),), max_tokens=100)


@pytest.mark.parametrize("text", ["- question: x", "reply: x", "- {variables: {a: b}}", ": ["])
def test_a_file_that_holds_no_examples_is_misconfigured(tmp_path: Path, text: str) -> None:
    file = tmp_path / "examples.yaml"
    file.write_text(text)

    with pytest.raises(Misconfigured, match=r"examples\.yaml"):
        read_prompt_examples(file)
    with pytest.raises(Misconfigured, match="nowhere"):
        read_prompt_examples(tmp_path / "nowhere")
