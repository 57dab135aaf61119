"""``genai keys create|list|revoke``: the API keys of a tenant."""

import argparse
import datetime
import time
from collections.abc import Sequence

from genai.access.keys import KeyRecord, Keys
from genai.access.principal import Budget, KeyLimits, Role
from genai.audit.chain import AuditedDecision
from genai.audit.log import AuditLog
from genai.errors import InvalidInput
from genai.money import micro_usd

ROLES: tuple[Role, ...] = ("user", "operator", "admin", "auditor", "contributor")
ACTOR = "command-line"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="verb", required=True)
    create = commands.add_parser("create", help="make a key; it is printed once")
    create.add_argument("--tenant", required=True)
    create.add_argument("--user", required=True)
    create.add_argument("--role", dest="roles", action="append", choices=ROLES, default=[])
    create.add_argument("--group", dest="groups", action="append", default=[])
    create.add_argument("--name", default="", help="to tell keys apart")
    create.add_argument("--expires-in", type=_seconds, metavar="90d", help="s, m, h or d")
    create.add_argument("--requests-per-minute", type=int)
    create.add_argument("--tokens-per-minute", type=int)
    create.add_argument("--concurrent-requests", type=int)
    create.add_argument("--usd-per-day", type=_micro_usd)
    create.add_argument("--usd-per-month", type=_micro_usd)
    listing = commands.add_parser("list", help="show the keys of a tenant, never their secrets")
    listing.add_argument("--tenant", required=True)
    revoke = commands.add_parser("revoke", help="end a key within seconds")
    revoke.add_argument("--tenant", required=True)
    revoke.add_argument("key_id")


async def async_run(args: argparse.Namespace, keys: Keys, log: AuditLog) -> str:
    """The text to print. Raises `GenAIError`."""
    if args.verb == "create":
        return await _create(args, keys, log)
    if args.verb == "revoke":
        return await _revoke(args, keys, log)
    records = await keys.async_list(args.tenant)
    return _table([HEADER, *map(_cells, records)])


async def _create(args: argparse.Namespace, keys: Keys, log: AuditLog) -> str:
    roles = tuple(dict.fromkeys(args.roles)) or ("user",)
    key, record = await keys.async_create(
        args.tenant,
        args.user,
        roles=roles,
        groups=tuple(dict.fromkeys(args.groups)),
        limits=KeyLimits(
            requests_per_minute=args.requests_per_minute,
            tokens_per_minute=args.tokens_per_minute,
            concurrent_requests=args.concurrent_requests,
        ),
        budget=Budget(micro_usd_per_day=args.usd_per_day, micro_usd_per_month=args.usd_per_month),
        name=args.name,
        expires=None if args.expires_in is None else time.time() + args.expires_in,
    )
    key_id = record.principal.key_id
    reason = f"roles {' '.join(roles)}"
    made = AuditedDecision(action="key.create", actor=ACTOR, target=key_id, reason=reason)
    await log.async_append(args.tenant, made)
    return key


async def _revoke(args: argparse.Namespace, keys: Keys, log: AuditLog) -> str:
    if not await keys.async_revoke(args.tenant, args.key_id):
        raise InvalidInput("this tenant has no such key")
    ended = AuditedDecision(action="key.revoke", actor=ACTOR, target=args.key_id)
    await log.async_append(args.tenant, ended)
    return f"{args.key_id} is revoked"


HEADER = ("ID", "USER", "ROLES", "CREATED", "STATE", "NAME")


def _cells(record: KeyRecord) -> tuple[str, ...]:
    principal = record.principal
    roles, created = ",".join(principal.roles), _day(record.created)
    return principal.key_id, principal.user, roles, created, _state(record), record.name


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Aligned columns, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _state(record: KeyRecord) -> str:
    if record.revoked is not None:
        return f"revoked {_day(record.revoked)}"
    if record.expires is None:
        return "valid"
    word = "expired" if record.expires <= time.time() else "until"
    return f"{word} {_day(record.expires)}"


def _day(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()


def _seconds(text: str) -> int:
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in SECONDS or not int(number):
        raise argparse.ArgumentTypeError("a number and s, m, h or d, such as 90d")
    return int(number) * SECONDS[unit]


def _micro_usd(text: str) -> int:
    amount = float(text)
    if not 0 <= amount <= 10**9:
        raise argparse.ArgumentTypeError("an amount of dollars")
    return micro_usd(amount)
