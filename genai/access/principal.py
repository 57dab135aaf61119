"""The authenticated caller of a request: roles, groups, limits and budget."""

from genai.errors import Forbidden
from genai.messages import Role as Role
from genai.messages import Value


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

    def require(self, *roles: Role) -> None:
        """Raise `Forbidden` unless the principal has one of the roles."""
        if not set(roles) & set(self.roles):
            raise Forbidden("this key may not do that")
