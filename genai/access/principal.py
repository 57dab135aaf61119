"""The authenticated caller of a request: roles, groups, limits and budget."""

from collections.abc import Sequence

from genai.errors import Forbidden
from genai.messages import Role as Role
from genai.messages import Value

ASKERS: tuple[Role, ...] = ("user", "operator", "admin")
"""Roles that may ask, embed, read documents, and use their own sessions and runs."""

OVERSEERS: tuple[Role, ...] = ("operator", "admin", "auditor")
"""Roles that see the usage and budgets of the whole tenant."""


class KeyLimits(Value):
    """Limits of one key. None means: as in the settings."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent_requests: int | None = None


class Budget(Value):
    """A budget in micro-dollars; None means no limit. Days and months are in UTC."""

    micro_usd_per_day: int | None = None
    micro_usd_per_month: int | None = None


class Principal(Value):
    """The owner of a valid key. ``groups`` give access to documents that are restricted to them."""

    key_id: str
    tenant: str
    user: str
    roles: tuple[Role, ...] = ("user",)
    groups: tuple[str, ...] = ()
    limits: KeyLimits = KeyLimits()
    budget: Budget = Budget()

    @property
    def flow(self) -> tuple[str, str, str]:
        """Tenant, user and key: each shares fairly with its siblings when there is not enough for all."""
        return self.tenant, self.user, self.key_id

    def require(self, *roles: Role) -> None:
        """Raise `Forbidden` unless the principal has one of the roles."""
        if not set(roles) & set(self.roles):
            raise Forbidden(f"this needs a key with the role {alternatives(roles)}")


def alternatives(names: Sequence[str]) -> str:
    """``names`` as words of a sentence: a, b or c."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
