import pytest
from pydantic import ValidationError

from genai.settings.answering import AgentSettings


def test_two_tools_cannot_share_a_name() -> None:
    tools = [{"tool": "sql"}, {"tool": "calculator"}, {"tool": "calculator", "name": "sql"}]

    AgentSettings.model_validate({"tools": tools[:2]})
    with pytest.raises(ValidationError, match="two tools are named sql"):
        AgentSettings.model_validate({"tools": tools})
