import pytest

from genai.llms.json_schema.patterns.parsing import UnsupportedPattern, parse


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "^a**$",
        r"\p{L}",
        "(?i)a",
        r"a\b",
        "(?=a)b",
        r"(a)\1",
        "a$b",
        "(a{9999}){99999}",
        "(" * 60 + ")" * 60,
    ],
)
def test_an_unsupported_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern):
        parse(pattern)
