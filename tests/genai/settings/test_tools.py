import pytest
from pydantic import ValidationError

from genai.settings.tools import StatementToolSettings

FREEZE = {
    "tool": "statement",
    "name": "freeze",
    "description": "Freeze an account.",
    "arguments": {"account_id": {"type": "integer"}},
    "requires": [{"query": "SELECT 1 WHERE :account_id > 0", "otherwise": "no such account"}],
    "statement": "UPDATE accounts SET frozen = 1 WHERE account_id = :account_id",
    "done": "Account {account_id} is frozen.",
}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"done": "{account}"}, r"freeze\.done: \{account\} .*did you mean account_id"),
        ({"statement": "DELETE FROM a WHERE a = :acount_id"}, r"freeze\.statement: :acount_id"),
        (
            {"requires": [{"query": "SELECT :acount_id", "otherwise": ""}]},
            r"freeze\.requires\.0\.query: :acount_id",
        ),
    ],
)
def test_a_wrong_argument_is_told_with_the_tool_and_the_key(
    wrong: dict[str, object], told: str
) -> None:
    StatementToolSettings.model_validate(FREEZE)
    with pytest.raises(ValidationError, match=told):
        StatementToolSettings.model_validate(FREEZE | wrong)
