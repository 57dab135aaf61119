"""The two tools of the sample bank that change something, as its config declares them."""

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import yaml

from genai.base.tool import BaseTool, Observation
from genai.errors import BackendFailed, Forbidden, InvalidInput
from genai.factory.tool_factory import build_tools
from genai.rag.base import Retriever
from genai.settings.application import Settings
from genai.settings.tools import StatementToolSettings
from genai.tools.database import Rows
from genai.tools.sqlite import SQLiteDatabase
from tests.support.agents import a_context
from tests.support.answering import WordGuard
from tests.support.bank import bank_path

CONFIG = yaml.safe_load((Path(__file__).parents[3] / "serve_config.yaml").read_text())
SETTINGS = Settings.model_validate(CONFIG["applications"][0]["args"])


def no_retriever() -> Retriever:
    raise AssertionError("none of these tools searches")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return Path(shutil.copy(bank_path(), tmp_path / "bank.sqlite"))


def tool(bank: Path, name: str) -> BaseTool:
    [declared] = [
        each
        for each in SETTINGS.agent.tools
        if isinstance(each, StatementToolSettings) and each.name == name
    ]
    here = declared.model_copy(update={"url": f"sqlite:///{bank}"})
    [built] = build_tools([here], WordGuard(), no_retriever)
    return built


def one(bank: Path, query: str, *values: object) -> object:
    with sqlite3.connect(bank) as connection:
        return connection.execute(query, values).fetchone()[0]


async def run(tool: BaseTool, arguments: str, key: str = "effect-1") -> Observation:
    context = a_context().model_copy(update={"effect_key": key, "roles": ("operator",)})
    return await tool.async_run(tool.parse(arguments), context)


def an_active_card(bank: Path) -> int:
    return int(str(one(bank, "SELECT min(card_id) FROM cards WHERE status = 'active'")))


def status(bank: Path, card: int) -> object:
    return one(bank, "SELECT status FROM cards WHERE card_id = ?", card)


async def test_a_card_is_blocked(bank: Path) -> None:
    card = an_active_card(bank)

    observation = await run(tool(bank, "block_card"), f'{{"card_id": {card}}}')

    assert (observation.text, observation.error) == (f"Card {card} is blocked.", None)
    assert status(bank, card) == "blocked"
    assert one(bank, "SELECT count(*) FROM _effects") == 1


async def test_a_repeated_effect_key_changes_nothing_and_returns_the_same_result(
    bank: Path,
) -> None:
    card = an_active_card(bank)
    arguments = f'{{"card_id": {card}}}'
    block = tool(bank, "block_card")

    first = await run(block, arguments)
    with sqlite3.connect(bank) as connection:
        connection.execute("UPDATE cards SET status = 'active' WHERE card_id = ?", (card,))
    again = await run(block, arguments)

    assert again == first
    assert status(bank, card) == "active"


async def test_one_effect_at_the_same_time_happens_once(bank: Path) -> None:
    dispute = tool(bank, "open_dispute")
    transaction = one(
        bank,
        "SELECT min(transaction_id) FROM transactions WHERE amount_cents < 0"
        " AND transaction_id NOT IN (SELECT transaction_id FROM disputes)",
    )
    before = int(str(one(bank, "SELECT count(*) FROM disputes")))
    arguments = f'{{"transaction_id": {transaction}, "reason": "fraud"}}'

    seen = await asyncio.gather(*(run(dispute, arguments) for _ in range(8)))

    assert len(set(seen)) == 1
    assert seen[0].error is None
    assert one(bank, "SELECT count(*) FROM disputes") == before + 1


async def test_a_key_is_good_for_one_effect_only(bank: Path) -> None:
    block = tool(bank, "block_card")
    card = an_active_card(bank)
    await run(block, f'{{"card_id": {card}}}')

    with pytest.raises(Forbidden):
        await run(block, f'{{"card_id": {card + 1}}}')


async def test_without_an_approval_nothing_is_changed(bank: Path) -> None:
    card = an_active_card(bank)

    with pytest.raises(Forbidden):
        await run(tool(bank, "block_card"), f'{{"card_id": {card}}}', key="")

    assert status(bank, card) == "active"


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("block_card", '{"card_id": 1}', "no such card"),
        ("open_dispute", '{"transaction_id": 1, "reason": "fraud"}', "no such transaction"),
    ],
)
async def test_a_missing_row_is_not_changed(
    bank: Path, name: str, arguments: str, why: str
) -> None:
    assert why in str((await run(tool(bank, name), arguments)).error)


async def test_a_card_that_is_not_active_stays_as_it_is(bank: Path) -> None:
    card = one(bank, "SELECT min(card_id) FROM cards WHERE status = 'expired'")

    observation = await run(tool(bank, "block_card"), f'{{"card_id": {card}}}')

    assert observation.error == "the card is not active"


async def test_a_transaction_is_disputed_once(bank: Path) -> None:
    disputed = one(bank, "SELECT min(transaction_id) FROM disputes")
    arguments = f'{{"transaction_id": {disputed}, "reason": "fraud"}}'

    observation = await run(tool(bank, "open_dispute"), arguments)

    assert observation.error == "the transaction is disputed already"


@pytest.mark.parametrize(
    "arguments",
    [
        '{"card_id": "1 OR 1=1"}',
        '{"card_id": -1}',
        '{"card_id": 1.5}',
        '{"card_id": true}',
        '{"card_id": 99999999999999999999}',
        '{"card_id": 1, "status": "active"}',
        "{}",
        "[]",
    ],
)
def test_undeclared_arguments_are_refused(bank: Path, arguments: str) -> None:
    with pytest.raises(InvalidInput):
        tool(bank, "block_card").parse(arguments)


async def test_a_reason_is_one_of_those_that_there_are(bank: Path) -> None:
    with pytest.raises(InvalidInput):
        tool(bank, "open_dispute").parse('{"transaction_id": 1, "reason": "I say so"}')


async def test_a_statement_that_would_change_many_rows_changes_none(bank: Path) -> None:
    settings = StatementToolSettings(
        tool="statement",
        name="block_all",
        description="",
        url=f"sqlite:///{bank}",
        arguments={},
        statement="UPDATE cards SET status = 'blocked'",
        done="done",
    )
    [block_all] = build_tools([settings], WordGuard(), no_retriever)
    blocked = "SELECT count(*) FROM cards WHERE status = 'blocked'"
    before = one(bank, blocked)

    observation = await run(block_all, "{}")

    assert "instead of one" in str(observation.error)
    assert one(bank, blocked) == before


async def test_a_reply_that_cannot_be_written_fails_before_anything_is_changed(bank: Path) -> None:
    card = an_active_card(bank)
    [valid] = [each for each in SETTINGS.agent.tools if each.name == "block_card"]
    unchecked = valid.model_copy(update={"url": f"sqlite:///{bank}", "done": "Card {card}"})
    [block] = build_tools([unchecked], WordGuard(), no_retriever)

    with pytest.raises(KeyError):
        await run(block, f'{{"card_id": {card}}}')

    assert status(bank, card) == "active"


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackendFailed):
        await run(tool(tmp_path / "none.sqlite", "block_card"), '{"card_id": 1}')

    assert os.listdir(tmp_path) == []


async def test_the_keys_of_effects_are_hidden_from_whoever_reads(bank: Path) -> None:
    card = an_active_card(bank)
    await run(tool(bank, "block_card"), f'{{"card_id": {card}}}')
    database = SQLiteDatabase(bank)

    assert "_effects" not in (await database.async_schema()).describe()
    for query in ("SELECT * FROM _effects", "SELECT count(*) FROM _effects"):
        with pytest.raises(InvalidInput):
            seen: Rows = await database.async_select(query, max_rows=5, timeout_s=3)
            pytest.fail(seen.text())


async def test_an_objection_is_known_before_anything_is_changed(bank: Path) -> None:
    block, context = tool(bank, "block_card"), a_context()
    card = an_active_card(bank)

    unknown = await block.async_objection(block.parse('{"card_id": 99999}'), context)
    active = await block.async_objection(block.parse(f'{{"card_id": {card}}}'), context)

    assert (unknown, active) == ("there is no such card", "")
    assert status(bank, card) == "active"
