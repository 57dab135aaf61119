"""The command ``genai``: administers a running installation.

    genai keys create|list|revoke        API keys
    genai budgets show|ledger|unsettled|reconcile
    genai audit verify                   integrity of the audit log

It uses the Redis of the service: REDIS_URL, or the embedded one of `make run`.
"""

import argparse
import asyncio
import os
import sys

from genai.access.keys import Keys
from genai.audit.chain import build_seal
from genai.audit.log import AuditLog
from genai.command import audit, budgets, connection, keys
from genai.errors import GenAIError


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    try:
        said = asyncio.run(_run(args))
    except GenAIError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


async def _run(args: argparse.Namespace) -> str:
    settings = connection.configured(args)
    async with connection.open_store(settings) as store:
        log = AuditLog(store, build_seal(settings.audit, os.environ))
        if args.area == "keys":
            return await keys.async_run(args, Keys(store), log)
        if args.area == "audit":
            return await audit.async_run(args, log, settings.audit.key_env)
        return await budgets.async_run(args, store, settings)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="genai", description=(__doc__ or "").partition("\n")[0])
    connection.add_arguments(parser)
    areas = parser.add_subparsers(dest="area", required=True)
    keys.add_arguments(areas.add_parser("keys", help="API keys of a tenant"))
    budgets.add_arguments(areas.add_parser("budgets", help="money"))
    audit.add_arguments(areas.add_parser("audit", help="the log of decisions"))
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
