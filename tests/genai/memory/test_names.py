import pytest

from genai.errors import InvalidInput
from genai.memory.names import checked


@pytest.mark.parametrize("name", ["ada", "7", "a-b_c.d:e", "A" * 128])
def test_a_name_begins_with_a_letter_or_digit(name: str) -> None:
    assert checked(name, "user") == name


@pytest.mark.parametrize(
    "name", ["", "-", ".", "..", "_a", ":a", "a b", "a|b", "é", "a\n", "A" * 129]
)
def test_a_name_that_no_path_could_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="user must be") as refused:
        checked(name, "user")

    assert refused.value.param == "user"
