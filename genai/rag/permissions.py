"""Read permissions of documents, as scopes that every search filters by.

A scope is a whole tenant, or a user, group or role in it. Passages are stored with their scopes, and a
search finds those that share one with the reader. Scopes are hashes, so that no name can be interpreted
as part of a query.
"""

import hashlib
import json

from genai.messages import RequestContext, Value

SHARED = "_shared"
"""The tenant whose documents all tenants may read."""


ERASED = "(erased)"
"""Stands in a list of users that an erasure has left empty. No key can have such a user."""


class Readers(Value):
    """Users, groups and roles of the tenant, of which one suffices. If empty, the whole tenant."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def anybody(self) -> bool:
        return not (self.users or self.groups or self.roles)

    def without(self, user: str) -> "Readers":
        """The others. Where there are none, nobody, rather than the whole tenant."""
        if user not in self.users:
            return self
        users = tuple(name for name in self.users if name != user)
        left = self.model_copy(update={"users": users})
        return left.model_copy(update={"users": (ERASED,)}) if left.anybody else left


class Reader(Value):
    """The searching user, with the rights of the API key."""

    tenant: str
    user: str = ""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


def reader_of(context: RequestContext) -> Reader:
    return Reader(
        tenant=context.tenant, user=context.user, groups=context.groups, roles=context.roles
    )


def scopes_of(tenant: str, readers: Readers) -> tuple[str, ...]:
    """The scopes that may read a document."""
    if readers.anybody:
        return (_scope(tenant, "all"),)
    return tuple(sorted(_named(tenant, readers.users, readers.groups, readers.roles)))


def scopes_for(reader: Reader) -> tuple[str, ...]:
    """The scopes of a reader: user, groups, roles, tenant, and the shared ones."""
    users = (reader.user,) if reader.user else ()
    named = _named(reader.tenant, users, reader.groups, reader.roles)
    return tuple(sorted(named | {_scope(reader.tenant, "all"), _scope(SHARED, "all")}))


def may_read(reader: Reader, readers: Readers) -> bool:
    """Whether the reader may read a document of their tenant."""
    return bool(set(scopes_for(reader)) & set(scopes_of(reader.tenant, readers)))


def _named(
    tenant: str, users: tuple[str, ...], groups: tuple[str, ...], roles: tuple[str, ...]
) -> set[str]:
    kinds = {"user": users, "group": groups, "role": roles}
    return {_scope(tenant, kind, name) for kind, names in kinds.items() for name in names}


def _scope(tenant: str, *what: str) -> str:
    named = json.dumps([tenant, *what]).encode()
    return hashlib.blake2b(named, digest_size=16).hexdigest()
