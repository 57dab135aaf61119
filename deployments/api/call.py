"""What an operation's handler is given, and what it gives back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson

from deployments.api.services import Services
from genai.access.principal import Principal
from genai.errors import InvalidInput
from genai.messages import RequestContext, Usage

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


@dataclass(slots=True)
class Call:
    """One authenticated request. A handler that knows what was used says so in ``usage``."""

    services: Services
    principal: Principal
    request_id: str
    deadline: float
    path: Mapping[str, str]
    query: bytes
    usage: Usage | None = None

    def context(self) -> RequestContext:
        principal = self.principal
        return RequestContext(
            request_id=self.request_id,
            tenant=principal.tenant,
            user=principal.user,
            deadline=self.deadline,
            key_id=principal.key_id,
            roles=principal.roles,
        )

    def is_accounted(self) -> bool:
        """Whether the last event of the answer was seen: it is the one that tells the usage."""
        return self.usage is not None

    def identifier(self, name: str) -> str:
        """An id out of the path."""
        return checked_identifier(self.path[name], name)

    def query_number(self, name: str, default: int, *, most: int) -> int:
        """A whole number of at least 1 out of the query string."""
        given = parse_qs(self.query.decode("latin-1")).get(name, [str(default)])[-1]
        if not (
            given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= most
        ):
            raise InvalidInput(f"{name} must be a whole number from 1 to {most}", name)
        return int(given)


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes
    status: int = 200
    media_type: bytes = b"application/json"


def reply(value: Any, status: int = 200) -> Reply:
    return Reply(orjson.dumps(value), status)


def checked_identifier(text: str, name: str) -> str:
    """An id of ours; anything else could be a path, a pattern or a line of a log."""
    if not _IDENTIFIER.fullmatch(text):
        raise InvalidInput(
            f"{name} may have up to 128 letters, digits, dots, colons, dashes and underscores", name
        )
    return text
