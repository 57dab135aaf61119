"""A hash chain of decisions: each entry contains the digest of the one before.

    entry 1 ◀── entry 2 ◀── entry 3 ◀── head

An entry that is changed, removed, added or moved breaks the chain, unless all later entries are rewritten.
Sealing prevents that: digests and the head are HMACs with a secret derived for each tenant. Without the
secret, a chain can only be rolled back to an earlier head. That is detected by a head that was stored
elsewhere (an anchor), and by processes that know a later head.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from genai.messages import Value
from genai.settings.access import AuditSettings

GENESIS = ""


class AuditedDecision(Value):
    """An audited decision. Contains ids and names of the service only, never personal data or texts.

    ``actor`` is a key id. ``count`` is the number of equal decisions that were merged.
    """

    action: str
    actor: str
    target: str = ""
    reason: str = ""
    request_id: str = ""
    count: int = 1


class Entry(Value):
    """A decision in the chain. ``at`` is Unix time, ``previous`` the digest of the entry before."""

    number: int
    at: float
    decision: AuditedDecision
    previous: str
    digest: str


class Head(Value):
    """The end of a chain: its length, and the digest of its last entry."""

    number: int = 0
    digest: str = GENESIS

    @property
    def sealed(self) -> bool:
        return self.digest.startswith("hmac:")


class Verification(Value):
    """The result of verifying a chain. ``broken_at`` is the number of the first invalid entry, ``unsealed``
    the number of entries without a seal, which anybody could have written."""

    head: Head
    unsealed: int = 0
    broken_at: int | None = None
    why: str = ""


LOST = "audit.lost"
"""Action of an entry by which the service records that the log before it was replaced."""

SEALED = "audit.sealed"
"""Action of an entry by which the service records that nothing before it was sealed."""


class Seal:
    """Computes digests: HMAC-SHA256 with a ``secret``, otherwise SHA-256."""

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret

    def for_tenant(self, tenant: str) -> "Seal":
        """The seal of a tenant's chain, with a secret derived for it."""
        return Seal(self._mac(f"tenant {tenant}").digest()) if self._secret else self

    def seal_head(self, head: Head) -> str:
        """The HMAC of a head; empty without a secret."""
        return self._mac(f"end {head.number} {head.digest}").hexdigest() if self._secret else ""

    def verifies_head(self, head: Head, sealed: str) -> bool:
        return not head.number or hmac.compare_digest(
            self.seal_head(head).encode(), sealed.encode()
        )

    @property
    def kind(self) -> str:
        return "hmac" if self._secret else "sha256"

    def next_entry(self, decision: AuditedDecision, at: float, head: Head) -> Entry:
        """The entry after ``head`` with the decision."""
        number = head.number + 1
        digest = self._digest(self.kind, number, at, decision, head.digest)
        return Entry(number=number, at=at, decision=decision, previous=head.digest, digest=digest)

    def verifies(self, entry: Entry) -> bool:
        """Whether the digest of the entry is valid. Accepts unsealed entries even with a secret."""
        kind = entry.digest.partition(":")[0]
        if kind not in ("sha256", self.kind):
            return False
        expected = self._digest(kind, entry.number, entry.at, entry.decision, entry.previous)
        return hmac.compare_digest(expected, entry.digest)

    def _digest(
        self, kind: str, number: int, at: float, decision: AuditedDecision, previous: str
    ) -> str:
        content = [number, at, decision.model_dump(), previous]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        if kind == "hmac":
            return "hmac:" + self._mac(text).hexdigest()
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def _mac(self, text: str) -> hmac.HMAC:
        return hmac.new(self._secret, text.encode(), hashlib.sha256)


def build_seal(settings: AuditSettings, environ: Mapping[str, str]) -> Seal:
    """The seal with the secret in the environment, if there is one."""
    return Seal(environ.get(settings.key_env, "").encode())


class ChainVerifier:
    """Verifies a chain from its beginning, page by page, up to the first invalid entry.

    ``anchors`` are heads that were seen before.
    """

    def __init__(self, seal: Seal, *, anchors: Iterable[Head] = ()) -> None:
        self._seal = seal
        self._anchors = {anchor.number: anchor.digest for anchor in anchors}
        self._last_anchor = max(self._anchors, default=0)
        self._head = Head()
        self._sealed = False
        self._unsealed = 0
        self._broken: tuple[int, str] | None = None

    def read(self, entries: Iterable[Entry | None]) -> None:
        """Verify the next entries; None stands for an unreadable one."""
        for entry in entries:
            if self._broken is None:
                self._verify(entry)

    def verdict(self, head: Head, sealed: str = "", *, length: int | None = None) -> Verification:
        """The result after the last entry. ``head`` is the stored head, ``sealed`` its HMAC, ``length`` the
        actual number of entries.
        """
        at, why = self._broken or self._fault_of_head(head, sealed, length) or (None, "")
        return Verification(head=self._head, unsealed=self._unsealed, broken_at=at, why=why)

    def _fault_of_head(self, head: Head, sealed: str, length: int | None) -> tuple[int, str] | None:
        if length is not None and length > head.number:
            return head.number + 1, "it was not appended by the service"
        if head != self._head:
            return self._head.number + 1, "the end of the chain is missing"
        if self._last_anchor > self._head.number:
            return self._head.number + 1, "entries that were seen before are missing"
        if not self._seal.verifies_head(head, sealed):
            return self._head.number, "the end of the chain is not sealed, or was moved"
        return None

    def _verify(self, entry: Entry | None) -> None:
        number = self._head.number + 1
        why = "it cannot be read" if entry is None else self._fault(entry, number)
        if entry is None or why:
            self._broken = (number, why)
            return
        self._head = Head(number=number, digest=entry.digest)
        self._sealed = self._head.sealed
        self._unsealed += not self._sealed

    def _fault(self, entry: Entry, number: int) -> str:
        if entry.number != number:
            return f"it says that it is number {entry.number}"
        if entry.previous != self._head.digest:
            return "it does not follow the one before it"
        if self._sealed and not entry.digest.startswith("hmac:"):
            return "it is not sealed, and those before it are"
        if not self._seal.verifies(entry):
            return "it was changed, or sealed with another secret"
        if self._anchors.get(number, entry.digest) != entry.digest:
            return "it is not the one that was seen before"
        if entry.decision.action == LOST and number > self._last_anchor:
            return f"the service found that entries up to number {entry.decision.target} had been replaced"
        return ""
