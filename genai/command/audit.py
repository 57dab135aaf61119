"""``genai audit verify``: checks the integrity of a tenant's audit log."""

import argparse
from pathlib import Path

from pydantic import ValidationError

from genai.audit.chain import Head
from genai.audit.log import AuditLog
from genai.errors import GenAIError, Misconfigured

UNSEALED = (
    "An entry without a seal proves nothing against who can write to Redis: the whole log could be "
    "written anew. Later entries are sealed once the service, and this command, have a secret in the "
    "environment variable "
)


class Tampered(GenAIError):
    """The audit log was changed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="verb", required=True)
    verify = commands.add_parser("verify", help="find any change, deletion or reordering")
    verify.add_argument("--tenant", required=True)
    verify.add_argument(
        "--anchor",
        type=Path,
        help="file that keeps the end of the log from one check to the next, away from Redis",
    )


async def async_run(args: argparse.Namespace, log: AuditLog, key_env: str) -> str:
    """The text to print. ``key_env`` is the variable with the secret of the seal. Raises `Tampered`."""
    seen = _seen(args.anchor)
    verdict = await log.async_verify(args.tenant, *seen)
    if verdict.broken_at is not None:
        raise Tampered(f"entry {verdict.broken_at} of {args.tenant}: {verdict.why}")
    if args.anchor is not None:
        args.anchor.write_text(verdict.head.model_dump_json() + "\n")
    if not verdict.head.number:
        return f"the tenant {args.tenant} has no audit log"
    said = f"{verdict.head.number} entries, whole; the last is {verdict.head.digest}"
    if not verdict.unsealed:
        return said
    return f"{said}; {verdict.unsealed} are not sealed\n{UNSEALED}{key_env}"


def _seen(anchor: Path | None) -> tuple[Head, ...]:
    if anchor is None or not anchor.exists():
        return ()
    try:
        head = Head.model_validate_json(anchor.read_text())
    except (OSError, ValidationError) as error:
        raise Misconfigured(f"{anchor.name} is not an anchor") from error
    return (head,) if head.number else ()
