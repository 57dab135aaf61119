import re

import pytest

from genai.llms.json_schema.patterns.completion import shortest_completion
from genai.llms.json_schema.patterns.parsing import parse
from genai.llms.json_schema.patterns.rendering import parse_rendered, render
from genai.llms.json_schema.patterns.tree import lengths


@pytest.mark.parametrize("text", ["", 'say "x"', "back\\slash", "a\nb", "ü€", "tab\t"])
def test_a_literal_is_rendered_as_json_escapes_it(text: str) -> None:
    node = parse(f"^{re.escape(text)}$")

    assert shortest_completion(parse_rendered(render(node)), "") is not None
    assert lengths(node) == (len(text), len(text))


@pytest.mark.parametrize("most", [99, 100, 101, 256])
def test_no_rendered_count_exceeds_what_xgrammar_compiles(most: int) -> None:
    counts = re.findall(r"(\d+)\}", render(parse(f"^a{{3,{most}}}$")).replace("u{61}", ""))

    assert max(map(int, counts)) <= 100


def test_a_repeated_empty_group_is_left_out() -> None:
    assert render(parse("^(){1000000000}a$")) == render(parse("^a$"))
