from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.factory.agent_factory import build_agent
from genai.factory.tool_factory import build_tools
from genai.settings import AgentSettings, SQLToolSettings
from tests.support.agents import SayingLLM
from tests.support.answering import WordGuard


def test_a_sqlite_address_gives_a_tool_that_opens_nothing_yet(tmp_path: Path) -> None:
    (tool,) = build_tools([SQLToolSettings(url=f"sqlite:///{tmp_path}/none.sqlite")])

    assert tool.name == "sql"
    assert list(tmp_path.iterdir()) == []


def test_a_postgres_address_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_URL", "postgresql://reader@localhost/bank")

    (tool,) = build_tools([SQLToolSettings(url_env="BANK_URL", name="bank", timeout_s=1.5)])

    assert (tool.name, tool.timeout_s) == ("bank", 1.5)
    assert "postgres" in tool.description


@pytest.mark.parametrize(
    "settings",
    [
        SQLToolSettings(url="mysql://localhost/bank"),
        SQLToolSettings(url_env="NOT_SET_ANYWHERE"),
    ],
)
def test_an_address_that_cannot_work_is_a_mistake_of_the_operator(
    settings: SQLToolSettings,
) -> None:
    with pytest.raises(Misconfigured):
        build_tools([settings])


def test_two_tools_cannot_share_a_name() -> None:
    with pytest.raises(Misconfigured, match="same name"):
        build_tools([SQLToolSettings(), SQLToolSettings()])


def test_the_agent_has_the_limits_of_its_settings() -> None:
    agent = build_agent(AgentSettings(max_steps=3, timeout_s=7.0), SayingLLM(""), WordGuard())

    assert (agent.max_steps, agent.timeout) == (3, 7.0)
