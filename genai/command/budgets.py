"""``genai budgets show|ledger|unsettled|reconcile``: spending, and reservations of dead processes."""

import argparse
import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from genai.access.budgets import Budgets, BudgetStatus, LedgerEntry
from genai.command.connection import Configured
from genai.errors import Misconfigured
from genai.memory.cipher import build_cipher
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.messages import Bill
from genai.money import micro_usd, usd


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="verb", required=True)
    show = commands.add_parser("show", help="where a budget stands")
    show.add_argument("--tenant", required=True)
    show.add_argument("--scope", choices=("tenant", "user", "key", "session"), default="tenant")
    show.add_argument("--name", default="", help="the user, key id or session")
    ledger = commands.add_parser("ledger", help="what each model was paid for in a month, as CSV")
    ledger.add_argument("--tenant", required=True)
    ledger.add_argument("--month", required=True, type=_month, help="such as 2026-11")
    unsettled = commands.add_parser("unsettled", help="requests whose process died")
    unsettled.add_argument("--tenant", required=True)
    reconcile = commands.add_parser(
        "reconcile", help="replace what was charged for those by what the provider billed"
    )
    reconcile.add_argument("--tenant", required=True)
    reconcile.add_argument(
        "bill", type=Path, help='JSON: {"<request id>": {"model": "...", "usd": 0.01}}'
    )


async def async_run(args: argparse.Namespace, store: Store, settings: Configured) -> str:
    """The text to print. Raises `GenAIError`."""
    budgets = Budgets(store, settings.budgets)
    if args.verb == "show":
        name: str = args.name
        if args.scope == "session":
            name = SessionNames(build_cipher(settings.data_key)).stored_id(name)
        return _shown(await budgets.async_status(args.tenant, args.scope, name))
    if args.verb == "ledger":
        return _table(await budgets.async_entries(args.tenant, args.month))
    left = await budgets.async_unsettled(args.tenant)
    if args.verb == "unsettled":
        lines = (f"{u.request_id}  {u.day}  {_usd(u.charged_micro_usd)}" for u in left)
        return "\n".join(lines) or "nothing is unsettled"
    billed = _billed(args.bill)
    done = 0
    for open_one in left:
        bills = billed.get(open_one.request_id, [])
        done += await budgets.async_reconcile(args.tenant, open_one.permit, bills)
    return f"{done} requests reconciled; those that the bill does not name cost nothing"


def _month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError("a month is written like 2026-11")
    return text


def _table(entries: Iterable[LedgerEntry]) -> str:
    fields = ("kind", "request", "user", "key", "model", "prompt", "cached", "completion")
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("at", *fields, "usd"))
    for entry in entries:
        at = datetime.fromtimestamp(int(entry.id.partition("-")[0]) / 1000, UTC)
        values = (getattr(entry, field) for field in fields)
        table.writerow((at.isoformat(timespec="seconds"), *values, f"{usd(entry.cost):.6f}"))
    return written.getvalue().rstrip("\n")


def _billed(path: Path) -> dict[str, list[Bill]]:
    try:
        found = json.loads(path.read_text())
        return {
            request_id: [Bill(model=line["model"], cost_micro_usd=micro_usd(line["usd"]))]
            for request_id, line in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"{path.name} is not a bill") from error


def _shown(status: BudgetStatus) -> str:
    day = _period("today", status.limit_day, status.spent_day, status.held_day)
    month = _period("this month", status.limit_month, status.spent_month, status.held_month)
    return f"{day}\n{month}"


def _period(name: str, limit: int | None, spent: int, held: int) -> str:
    most = "no limit" if limit is None else f"of {_usd(limit)}"
    return f"{name:11} {_usd(spent)} spent, {_usd(held)} held, {most}"


def _usd(micro: int) -> str:
    return f"${usd(micro):.6f}"
