"""Who makes a request, and what that one may do."""

from genai.errors import Forbidden
from genai.messages import Role as Role
from genai.messages import Value


class KeyLimits(Value):
    """Limits of one key. What is None follows the settings."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent_requests: int | None = None


class Budget(Value):
    """Money in millionths of a dollar; None is no limit. Days and months are those of UTC."""

    micro_usd_per_day: int | None = None
    micro_usd_per_month: int | None = None


class Principal(Value):
    """The owner of a valid key. ``groups`` open the documents that are for them alone."""

    key_id: str
    tenant: str
    user: str
    roles: tuple[Role, ...] = ("user",)
    groups: tuple[str, ...] = ()
    limits: KeyLimits = KeyLimits()
    budget: Budget = Budget()

    def require(self, *roles: Role) -> None:
        """Raise `Forbidden` unless it has one of the roles."""
        if not set(roles) & set(self.roles):
            raise Forbidden("this key may not do that")
